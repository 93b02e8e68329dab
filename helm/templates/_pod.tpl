{{/*
Parts of a pod. Each takes the list [root, process]: gateway, control, worker, console, or a job of
the hooks (migrate, apply).
*/}}

{{/* The values of a process: those of its component, or of the hooks. */}}
{{- define "sluis.section" -}}
{{- has . (list "migrate" "apply") | ternary "hooks" . -}}
{{- end -}}

{{- define "sluis.podLabels" -}}
{{- $section := include "sluis.section" (index . 1) -}}
{{ include "sluis.labels" (index . 0) }}
app.kubernetes.io/component: {{ eq $section "hooks" | ternary "migrate" $section }}
{{- with (index (index . 0).Values $section).podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where a pod runs, and at what priority. */}}
{{- define "sluis.placement" -}}
{{- with index (index . 0).Values (include "sluis.section" (index . 1)) -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The environment that the chart sets. */}}
{{- define "sluis.ownEnv" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $own := index $root.Values (include "sluis.section" $process) -}}
{{ include "sluis.baseEnv" $root }}
{{- if include "sluis.hasFile" $root.Values.caBundle }}
- {name: SSL_CERT_FILE, value: /etc/sluis/ca/ca.crt}
- {name: REQUESTS_CA_BUNDLE, value: /etc/sluis/ca/ca.crt}
{{- end }}
{{- if eq $process "console" }}
- {name: SLUIS_CONTROL_URL, value: "http://{{ include "sluis.fullname" $root }}-control:8081"}
{{- with $own.url }}
- {name: SLUIS_CONSOLE_URL, value: {{ . | quote }}}
{{- end }}
{{- else }}
{{ include "sluis.secretEnv" $root }}
{{- if include "sluis.hasFile" $root.Values.caBundle }}
- {name: PGSSLROOTCERT, value: /etc/sluis/ca/ca.crt}
{{- end }}
{{- with $root.Values.database.sslMode }}
{{- if and (hasPrefix "verify" .) (not (include "sluis.hasFile" $root.Values.caBundle)) }}
{{- fail (printf "database.sslMode is %s: caBundle must hold the authority of the database" .) }}
{{- end }}
- {name: PGSSLMODE, value: {{ . }}}
{{- end }}
{{- end }}
{{- if not (has $process (list "console" "worker")) }}
{{ include "sluis.keyServiceEnv" $root }}
{{- end }}
{{- if eq $process "gateway" }}
- {name: SLUIS_DETECTORS, value: {{ $own.detectors | quote }}}
{{- end }}
{{- if eq $process "worker" }}
- {name: SLUIS_WORKER_THREADS, value: {{ $own.threads | quote }}}
- {name: HF_HUB_OFFLINE, value: "1"}
{{- if $own.tls.existingSecret }}
- {name: SLUIS_WORKER_CERT, value: /etc/sluis/worker-tls/tls.crt}
- {name: SLUIS_WORKER_KEY, value: /etc/sluis/worker-tls/tls.key}
{{- end }}
{{- end }}
{{- end -}}

{{/* The whole environment, with env and envFrom as its keys. */}}
{{- define "sluis.environment" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $section := include "sluis.section" $process -}}
{{- $own := index $root.Values $section -}}
{{- $env := include "sluis.ownEnv" . | trim -}}
{{- $names := dict -}}
{{- range fromYamlArray $env }}{{ $_ := set $names .name true }}{{ end -}}
{{- range $own.extraEnv -}}
{{- if hasKey $names .name -}}
{{- fail (printf "%s.extraEnv: %s is set by the chart already, or is listed twice" $section .name) -}}
{{- end -}}
{{- $_ := set $names .name true -}}
{{- end -}}
env:
  {{- $env | nindent 2 }}
  {{- with $own.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with include "sluis.envFrom" . | trim }}
envFrom:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Environment from Secrets: the login of the key service, keys of providers or applications. */}}
{{- define "sluis.envFrom" -}}
{{- $values := (index . 0).Values -}}
{{- $process := index . 1 -}}
{{- if not (has $process (list "console" "worker")) -}}
{{- $keys := "" -}}
{{- if eq $process "gateway" }}{{ $keys = $values.providerKeys.existingSecret }}{{ end -}}
{{- if has $process (list "control" "apply") }}{{ $keys = $values.applicationKeys.existingSecret }}{{ end -}}
{{- range compact (list $values.keyService.existingSecret $keys) }}
- secretRef: {name: {{ . }}}
{{- end }}
{{- end }}
{{- with (index $values (include "sluis.section" $process)).extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The worker shows its certificate; the gateway gets the authority's, never the key. */}}
{{- define "sluis.workerTls" -}}
{{- $worker := (index . 0).Values.worker -}}
{{- if and $worker.enabled (has (index . 1) (list "worker" "gateway")) -}}
{{- $worker.tls.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "sluis.mounts" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $section := include "sluis.section" $process -}}
{{- $own := index $root.Values $section -}}
- {name: tmp, mountPath: /tmp}
{{- if include "sluis.hasFile" $root.Values.caBundle }}
- {name: ca-bundle, mountPath: /etc/sluis/ca, readOnly: true}
{{- end }}
{{- if ne $process "console" }}
{{ include "sluis.secretMount" $root }}
{{- end }}
{{- if not (has $process (list "console" "worker")) }}
{{ include "sluis.keyServiceMount" $root }}
{{- end }}
{{- if eq $section "hooks" }}
- {name: config, mountPath: /etc/sluis/config, readOnly: true}
{{- end }}
{{- if and (eq $process "control") $own.clusterToken }}
- {name: cluster, mountPath: /var/run/secrets/cluster, readOnly: true}
{{- end }}
{{- if and (eq $process "worker") $own.models.existingClaim }}
- {name: models, mountPath: /models, readOnly: true}
{{- end }}
{{- if include "sluis.workerTls" . }}
- {name: worker-tls, mountPath: /etc/sluis/worker-tls, readOnly: true}
{{- end }}
{{- with $own.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluis.volumes" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $section := include "sluis.section" $process -}}
{{- $own := index $root.Values $section -}}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: {{ default "64Mi" $own.tmpSize }}}
{{- if include "sluis.hasFile" $root.Values.caBundle }}
{{ include "sluis.fileVolume" (dict "name" "ca-bundle" "path" "ca.crt" "from" $root.Values.caBundle "where" "caBundle") }}
{{- end }}
{{- if ne $process "console" }}
{{ include "sluis.secretVolume" $root }}
{{- end }}
{{- if not (has $process (list "console" "worker")) }}
{{ include "sluis.keyServiceVolume" $root }}
{{- end }}
{{- if eq $section "hooks" }}
- name: config
  configMap: {name: {{ include "sluis.fullname" $root }}-config}
{{- end }}
{{- if and (eq $process "control") $own.clusterToken }}
- name: cluster
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- if and (eq $process "worker") $own.models.existingClaim }}
- name: models
  persistentVolumeClaim: {claimName: {{ $own.models.existingClaim }}, readOnly: true}
{{- end }}
{{- with include "sluis.workerTls" . }}
- name: worker-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    {{- if eq $process "gateway" }}
    items: [{key: ca.crt, path: ca.crt}]
    {{- else }}
    items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]
    {{- end }}
{{- end }}
{{- with $own.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
