{{/*
Parts of a pod. Each takes the list [root, process]: gateway, control, worker, console, vllm, or a job
of the hooks (migrate, apply).
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

{{/* A changed configuration of the console starts it again. */}}
{{- define "sluis.podAnnotations" -}}
{{- $root := index . 0 -}}
{{- if and (eq (index . 1) "console") (include "sluis.signOnName" $root) }}
checksum/config: {{ include "sluis.consoleConfig" $root | sha256sum }}
{{- end }}
{{- with (index $root.Values (include "sluis.section" (index . 1))).podAnnotations }}
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

{{/* The variable of the secret with which the console signs on; empty where it does not. */}}
{{- define "sluis.signOnName" -}}
{{- with (default dict .Values.config.identity).console -}}
{{- trimPrefix "env:" (default "" .client_secret) -}}
{{- end -}}
{{- end -}}

{{/*
What the console reads of sluis.yaml: its client and the issuers, without the rights that they map,
which name objects that this file has not.
*/}}
{{- define "sluis.consoleConfig" -}}
{{- $issuers := list -}}
{{- range default list .Values.config.identity.issuers -}}
{{- $issuers = append $issuers (omit . "groups" "applications" "scim") -}}
{{- end -}}
{{ toYaml (dict "version" 1 "identity" (dict "issuers" $issuers "console" .Values.config.identity.console)) }}
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
{{- with include "sluis.signOnName" $root }}
- {name: SLUIS_CONFIG, value: /etc/sluis/config/sluis.yaml}
{{- if $own.signOn.existingSecret }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: {name: {{ $own.signOn.existingSecret }}, key: {{ $own.signOn.key }}}
{{- end }}
{{- end }}
{{- else }}
- {name: SLUIS_SECRETS_DIR, value: /etc/sluis/secrets}
{{- end }}
{{- if eq $process "worker" }}
- {name: SLUIS_CONTROL_URL, value: "http://{{ include "sluis.fullname" $root }}-control:8081"}
{{- end }}
{{- if eq $process "control" }}
- {name: SLUIS_GATEWAY_URL, value: "http://{{ include "sluis.fullname" $root }}-gateway:8080"}
{{- end }}
{{- if not (has $process (list "console" "worker")) }}
{{ include "sluis.databaseEnv" (list $root (include "sluis.section" $process)) }}
{{- if include "sluis.hasFile" $root.Values.caBundle }}
- {name: PGSSLROOTCERT, value: /etc/sluis/ca/ca.crt}
{{- end }}
{{- with $root.Values.database.sslMode }}
{{- if and (hasPrefix "verify" .) (not (include "sluis.hasFile" $root.Values.caBundle)) }}
{{- fail (printf "database.sslMode is %s: caBundle must hold the authority of the database" .) }}
{{- end }}
- {name: PGSSLMODE, value: {{ . }}}
{{- end }}
{{ include "sluis.keyServiceEnv" $root }}
{{- end }}
{{ include "sluis.secretEnv" . }}
{{- if has $process (list "gateway" "control" "worker") }}
- {name: SLUIS_DRAIN_S, value: {{ int $own.drainSeconds | quote }}}
{{- with $root.Values.metrics }}
{{- if .token.existingSecret }}
- name: SLUIS_METRICS_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ .token.existingSecret }}, key: {{ .token.key }}}
{{- end }}
{{- if not .oldNames }}
- {name: SLUIS_OLD_METRIC_NAMES, value: "off"}
{{- end }}
{{- end }}
{{- end }}
{{- if has $process (list "gateway" "control") }}
{{- with $root.Values.valkey }}
{{- if .existingSecret }}
- name: SLUIS_VALKEY_URL
  valueFrom:
    secretKeyRef: {name: {{ .existingSecret }}, key: {{ .key }}}
- {name: SLUIS_VALKEY_TIMEOUT_MS, value: {{ int .timeoutMilliseconds | quote }}}
{{- else if .countPerReplica }}
- {name: SLUIS_COUNT_PER_REPLICA, value: "on"}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $process "gateway" }}
- {name: SLUIS_LEAVE_S, value: {{ int $own.leaveSeconds | quote }}}
- {name: SLUIS_DETECTORS, value: {{ $own.detectors | quote }}}
{{- with $root.Values.otel }}
{{- if .endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }}}
- {name: OTEL_TRACES_SAMPLER_ARG, value: {{ .tracesSampled | quote }}}
- {name: OTEL_METRIC_EXPORT_INTERVAL, value: {{ int .metricsIntervalMilliseconds | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $process "control" }}
{{- with $root.Values.witnesses }}
{{- if .endpoints }}
- {name: SLUIS_WITNESSES, value: {{ join "," .endpoints | quote }}}
{{- with .keys }}
- {name: SLUIS_WITNESS_KEYS, value: {{ join "," . | quote }}}
{{- end }}
{{- with .region }}
- {name: AWS_REGION, value: {{ . }}}
{{- end }}
{{- if include "sluis.hasFile" .tsaCertificates }}
- {name: SLUIS_TSA_CERTS, value: /etc/sluis/tsa/ca.crt}
{{- end }}
{{- end }}
{{- end }}
{{- with $root.Values.securityEvents.destinations }}
- {name: SLUIS_SECURITY_EVENTS, value: {{ join "," . | quote }}}
{{- end }}
{{- with $root.Values.erasures }}
{{- if .existingClaim }}
- {name: SLUIS_ERASURES, value: /var/lib/sluis/{{ .file }}}
{{- end }}
{{- end }}
{{- if include "sluis.uploads" (list $root $process) }}
- {name: SLUIS_MODELS_DIR, value: /models/uploads}
{{- end }}
{{- end }}
{{- if eq $process "worker" }}
- {name: SLUIS_WORKER_THREADS, value: {{ $own.threads | quote }}}
- {name: SLUIS_WORKER_POOL_TOKENS, value: {{ int $own.poolTokens | quote }}}
- {name: SLUIS_WORKER_BATCH_TOKENS, value: {{ int $own.batchTokens | quote }}}
- {name: SLUIS_WORKER_DEADLINE_S, value: {{ int $own.deadlineSeconds | quote }}}
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
{{- $env := include (ternary "sluis.vllmEnv" "sluis.ownEnv" (eq $process "vllm")) . | trim -}}
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
{{- with $own.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The claim with the models: the worker runs them, the control plane hashes them. */}}
{{- define "sluis.models" -}}
{{- $worker := (index . 0).Values.worker -}}
{{- if and $worker.enabled (has (index . 1) (list "worker" "control")) -}}
{{- $worker.models.existingClaim -}}
{{- end -}}
{{- end -}}

{{/* Whether this process writes files of models to the claim. */}}
{{- define "sluis.uploads" -}}
{{- if and (eq (index . 1) "control") (include "sluis.models" .) (index . 0).Values.worker.models.uploads -}}
true
{{- end -}}
{{- end -}}

{{/* The worker shows its certificate; the gateway gets the authority's, never the key. */}}
{{- define "sluis.workerTls" -}}
{{- $worker := (index . 0).Values.worker -}}
{{- if and $worker.enabled (has (index . 1) (list "worker" "gateway")) -}}
{{- $worker.tls.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* The authority of vLLM's certificate, for the gateway. */}}
{{- define "sluis.vllmTls" -}}
{{- $vllm := (index . 0).Values.vllm -}}
{{- if and $vllm.enabled (eq (index . 1) "gateway") }}{{ $vllm.tls.existingSecret }}{{ end -}}
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
{{- if or (eq $section "hooks") (and (eq $process "console") (include "sluis.signOnName" $root)) }}
- {name: config, mountPath: /etc/sluis/config, readOnly: true}
{{- end }}
{{- if and (eq $process "control") (include "sluis.hasFile" $root.Values.witnesses.tsaCertificates) }}
- {name: tsa, mountPath: /etc/sluis/tsa, readOnly: true}
{{- end }}
{{- if and (eq $process "control") $root.Values.erasures.existingClaim }}
- {name: erasures, mountPath: /var/lib/sluis}
{{- end }}
{{- if and (eq $process "control") $own.clusterToken }}
- {name: cluster, mountPath: /var/run/secrets/cluster, readOnly: true}
{{- end }}
{{- if include "sluis.models" . }}
- {name: models, mountPath: /models{{ if not (include "sluis.uploads" .) }}, readOnly: true{{ end }}}
{{- end }}
{{- if include "sluis.workerTls" . }}
- {name: worker-tls, mountPath: /etc/sluis/worker-tls, readOnly: true}
{{- end }}
{{- if include "sluis.vllmTls" . }}
- {name: vllm-tls, mountPath: /etc/sluis/vllm-tls, readOnly: true}
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
{{ include "sluis.secretVolume" . }}
{{- end }}
{{- if not (has $process (list "console" "worker")) }}
{{ include "sluis.keyServiceVolume" $root }}
{{- end }}
{{- if eq $section "hooks" }}
- name: config
  configMap: {name: {{ include "sluis.fullname" $root }}-config}
{{- end }}
{{- if and (eq $process "console") (include "sluis.signOnName" $root) }}
- name: config
  configMap: {name: {{ include "sluis.fullname" $root }}-console}
{{- end }}
{{- if and (eq $process "control") (include "sluis.hasFile" $root.Values.witnesses.tsaCertificates) }}
{{ include "sluis.fileVolume" (dict "name" "tsa" "path" "ca.crt" "from" $root.Values.witnesses.tsaCertificates "where" "witnesses.tsaCertificates") }}
{{- end }}
{{- if eq $process "control" }}
{{- with $root.Values.erasures.existingClaim }}
- name: erasures
  persistentVolumeClaim: {claimName: {{ . }}}
{{- end }}
{{- end }}
{{- if and (eq $process "control") $own.clusterToken }}
- name: cluster
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- $readOnly := not (include "sluis.uploads" .) }}
{{- with include "sluis.models" . }}
- name: models
  persistentVolumeClaim: {claimName: {{ . }}, readOnly: {{ $readOnly }}}
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
{{- with include "sluis.vllmTls" . }}
- name: vllm-tls
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- with $own.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
