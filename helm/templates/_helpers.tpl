{{- define "sluis.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 45 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 45 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The components that are switched on, as a comma-separated list. */}}
{{- define "sluis.components" -}}
gateway,control{{ if .Values.worker.enabled }},worker{{ end }}{{ if .Values.console.enabled }},console{{ end }}
{{- end -}}

{{- define "sluis.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluis.labels" -}}
{{ include "sluis.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Hook annotations; takes the weight. */}}
{{- define "sluis.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}

{{/* A component's image; takes the list [root, the component's own image or empty]. */}}
{{- define "sluis.image" -}}
{{- $root := index . 0 -}}
{{- $own := default dict (index . 1) -}}
{{- if ne (empty $own.repository) (empty $own.digest) -}}
{{- fail "a component's image needs both repository and digest, or neither" -}}
{{- end -}}
{{- $image := $own.repository | empty | ternary $root.Values.image $own -}}
{{ $image.repository }}@{{ $image.digest }}
{{- end -}}

{{/*
The pod-level half of the restricted Pod Security Standard. No service links: for a release named
sluis they would set SLUIS_CONTROL_PORT, one of our own settings, to tcp://….
*/}}
{{- define "sluis.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sluis.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- define "sluis.baseEnv" -}}
- {name: HOME, value: /tmp}
- {name: SLUIS_DATA_DIR, value: /tmp/sluis}
- {name: SLUIS_HOST, value: 0.0.0.0}
- {name: SLUIS_LOG_LEVEL, value: {{ .Values.logLevel }}}
{{- end -}}

{{/* The URL of the database; takes the list [root, section]. */}}
{{- define "sluis.databaseEnv" -}}
{{- $database := (index . 0).Values.database -}}
{{- $own := index $database (index . 1) -}}
{{- $shared := empty $own.existingSecret -}}
- name: SLUIS_DATABASE_URL
  valueFrom:
    secretKeyRef: {name: {{ ternary $database.existingSecret $own.existingSecret $shared }}, key: {{ default $database.key (ternary "" $own.key $shared) }}}
{{- end -}}

{{/* The files of the secrets directory that a process needs. */}}
{{- define "sluis.secretFiles" -}}
{{- if eq . "worker" -}}
worker-token,signing.pub
{{- else if eq . "gateway" -}}
pepper,placeholder,worker-token,signing.pub
{{- else -}}
pepper,placeholder,operator-token,signing.pem,signing.pub{{ if eq . "control" }},worker-token{{ end }}
{{- end -}}
{{- end -}}

{{/* The secrets directory of a process; takes the list [root, process]. The key is in one of two files. */}}
{{- define "sluis.secretVolume" -}}
{{- $name := (index . 0).Values.secrets.existingSecret -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $name }}
          items:
            {{- range splitList "," (include "sluis.secretFiles" (index . 1)) }}
            - {key: {{ . }}, path: {{ . }}}
            {{- end }}
      {{- if ne (index . 1) "worker" }}
      {{- range list "kek" "kek.wrapped" }}
      - secret: {name: {{ $name }}, optional: true, items: [{key: {{ . }}, path: {{ . }}}]}
      {{- end }}
      {{- end }}
{{- end -}}

{{- define "sluis.secretMount" -}}
- {name: secrets, mountPath: /etc/sluis/secrets, readOnly: true}
{{- end -}}

{{/* Where Vault's own authority is, as environment, volume and mount; nothing without one. */}}
{{- define "sluis.keyServiceEnv" -}}
{{- if .Values.keyService.ca.existingSecret -}}
- {name: VAULT_CACERT, value: /etc/sluis/key-service/ca.crt}
{{- end -}}
{{- end -}}

{{- define "sluis.keyServiceVolume" -}}
{{- with .Values.keyService.ca.existingSecret -}}
- name: key-service
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
{{- end -}}
{{- end -}}

{{- define "sluis.keyServiceMount" -}}
{{- if .Values.keyService.ca.existingSecret -}}
- {name: key-service, mountPath: /etc/sluis/key-service, readOnly: true}
{{- end -}}
{{- end -}}

{{/* A volume with one file, from a ConfigMap or a Secret; takes a dict name, from, path, where. */}}
{{- define "sluis.fileVolume" -}}
{{- if and .from.existingConfigMap .from.existingSecret -}}
{{- fail (printf "%s: give existingConfigMap or existingSecret, not both" .where) -}}
{{- end -}}
- name: {{ .name }}
  {{- if .from.existingConfigMap }}
  configMap: {name: {{ .from.existingConfigMap }}, items: [{key: {{ .from.key }}, path: {{ .path }}}]}
  {{- else }}
  secret: {secretName: {{ .from.existingSecret }}, defaultMode: 0440, items: [{key: {{ .from.key }}, path: {{ .path }}}]}
  {{- end }}
{{- end -}}

{{/* "yes" where a file is given. */}}
{{- define "sluis.hasFile" -}}
{{- if or .existingConfigMap .existingSecret }}yes{{ end -}}
{{- end -}}
