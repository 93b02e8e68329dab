{{/* Values that are missing or contradict each other: each fails with what to do. Every template
includes "sluis.check" first, so that the message does not depend on their order. */}}

{{- define "sluis.check" -}}
{{- include "sluis.checkRequired" . -}}
{{- include "sluis.checkControl" . -}}
{{- include "sluis.checkGateway" . -}}
{{- include "sluis.checkKeys" . -}}
{{- include "sluis.checkStops" . -}}
{{- include "sluis.checkVllm" . -}}
{{- include "sluis.checkExternalSecrets" . -}}
{{- if and .Values.console.enabled (include "sluis.signOnName" .) }}{{ include "sluis.checkSignOn" . }}{{ end -}}
{{- range $component := list "gateway" "control" "console" -}}
{{- if or (ne $component "console") $.Values.console.enabled }}{{ include "sluis.exposed" (list $ $component) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "sluis.checkRequired" -}}
{{- $missing := list -}}
{{- with .Values -}}
{{- if not .image.repository }}{{ $missing = append $missing "image.repository: the image, without a tag" }}{{ end -}}
{{- if not .image.digest }}{{ $missing = append $missing "image.digest: its digest, sha256:…" }}{{ end -}}
{{- if not .secrets.existingSecret }}{{ $missing = append $missing "secrets.existingSecret: a Secret with the files of the secrets directory" }}{{ end -}}
{{- $own := and .database.gateway.existingSecret .database.control.existingSecret .database.hooks.existingSecret -}}
{{- if not (or .database.existingSecret $own) }}{{ $missing = append $missing "database.existingSecret: a Secret with the URL of PostgreSQL" }}{{ end -}}
{{- if not (or .network.database.cidrs .network.database.namespace) }}{{ $missing = append $missing "network.database.cidrs or network.database.namespace: where PostgreSQL is, or nothing can reach it" }}{{ end -}}
{{- end -}}
{{- if $missing -}}
{{- fail (printf "\n\nThese values are required:\n  - %s\nhelm/ci/default-values.yaml is the smallest complete example; helm/README.md lists all values.\n" (join "\n  - " $missing)) -}}
{{- end -}}
{{- end -}}

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

{{/* "yes" where several gateways run without a store of limits; the surge of a rollout is none of them. */}}
{{- define "sluis.countsApart" -}}
{{- if and (not .Values.valkey.existingSecret) (or .Values.gateway.autoscaling.enabled (gt (int .Values.gateway.replicas) 1)) -}}yes{{- end -}}
{{- end -}}

{{/* "yes" where sluis.yaml among the values has a limit or a budget. */}}
{{- define "sluis.hasLimits" -}}
{{- if regexMatch "\"(requests_per_minute|tokens_per_minute|concurrent|budget)\":[^n]" (toJson .Values.config) -}}yes{{- end -}}
{{- end -}}

{{- define "sluis.checkControl" -}}
{{- with .Values.securityEvents.destinations -}}
{{- if not (or $.Values.network.securityEvents.cidrs $.Values.network.securityEvents.namespace) -}}
{{- fail (printf "securityEvents.destinations has %s, and network.securityEvents opens no way there" (first .)) -}}
{{- end -}}
{{- end -}}
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
{{- with .Values.network.valkey -}}
{{- if and $.Values.valkey.existingSecret (not (or .cidrs .namespace)) -}}
{{- fail "valkey.existingSecret is set, and network.valkey opens no way there" -}}
{{- end -}}
{{- end -}}
{{- if and (include "sluis.countsApart" .) (include "sluis.hasLimits" .) (not .Values.valkey.countPerReplica) -}}
{{- fail "config has limits or budgets, and each replica of the gateway would allow the whole of them: name Valkey in valkey.existingSecret, or set gateway.replicas to 1 without autoscaling, or divide the limits and set valkey.countPerReplica" -}}
{{- end -}}
{{- end -}}

{{/* A pod is killed at the end of its grace period: what it does before must fit, with five seconds
to write what is left. */}}
{{- define "sluis.checkStops" -}}
{{- $components := splitList "," (include "sluis.components" .) -}}
{{- range $component := ternary (append $components "vllm") $components .Values.vllm.enabled -}}
{{- $own := index $.Values $component -}}
{{- $leave := int (default 0 $own.leaveSeconds) -}}
{{- $drain := int (default 0 $own.drainSeconds) -}}
{{- $needed := add (int $own.preStopSleepSeconds) $leave $drain 5 -}}
{{- if gt $needed (int $own.terminationGracePeriodSeconds) -}}
{{- $parts := printf "%s.preStopSleepSeconds" $component -}}
{{- if hasKey $own "leaveSeconds" }}{{ $parts = printf "%s, leaveSeconds" $parts }}{{ end -}}
{{- if hasKey $own "drainSeconds" }}{{ $parts = printf "%s, drainSeconds" $parts }}{{ end -}}
{{- fail (printf "%s and five seconds to write what is left are %d seconds: raise %s.terminationGracePeriodSeconds from %d to at least that, or lower them" $parts $needed $component (int $own.terminationGracePeriodSeconds)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
