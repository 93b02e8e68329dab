{{/* Values that contradict each other: each fails with what to do. */}}

{{- define "sluis.checkSignOn" -}}
{{- $console := .Values.console -}}
{{- $name := include "sluis.signOnName" . -}}
{{- $given := or $console.signOn.existingSecret $console.extraEnvFrom -}}
{{- range $console.extraEnv }}{{ if eq .name $name }}{{ $given = true }}{{ end }}{{ end -}}
{{- if not $given -}}
{{- fail (printf "config.identity.console signs on with env:%s: name the Secret that holds it in console.signOn.existingSecret" $name) -}}
{{- end -}}
{{- if not (or .Values.network.identity.cidrs) -}}
{{- fail "config.identity.console signs on, and network.identity.cidrs opens no way to the identity provider" -}}
{{- end -}}
{{- if gt (int $console.replicas) 1 -}}
{{- fail "console.replicas must be 1 with sign-on: each process signs its own sessions, so another would refuse them" -}}
{{- end -}}
{{- end -}}

{{- define "sluis.checkControl" -}}
{{- with .Values.witnesses -}}
{{- $remote := list -}}
{{- range .endpoints }}{{ if not (hasPrefix "file:" .) }}{{ $remote = append $remote . }}{{ end }}{{ end -}}
{{- if and $remote (not (or $.Values.network.witnesses.cidrs $.Values.network.witnesses.namespace)) -}}
{{- fail (printf "witnesses.endpoints has %s, and network.witnesses opens no way there" (first $remote)) -}}
{{- end -}}
{{- range $remote -}}
{{- if and (hasPrefix "tsa+" .) (not (include "sluis.hasFile" $.Values.witnesses.tsaCertificates)) -}}
{{- fail (printf "witnesses.endpoints has %s: name the file of its authorities in witnesses.tsaCertificates" .) -}}
{{- end -}}
{{- if and (hasPrefix "https://" .) (not $.Values.witnesses.keys) -}}
{{- fail (printf "witnesses.endpoints has %s: name its public key in witnesses.keys" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluis.checkGateway" -}}
{{- if and .Values.otel.endpoint (not (or .Values.network.telemetry.cidrs .Values.network.telemetry.namespace)) -}}
{{- fail (printf "otel.endpoint is %s, and network.telemetry opens no way there" .Values.otel.endpoint) -}}
{{- end -}}
{{- end -}}
