{{/* vLLM, where the chart runs it: its address, its parts of a pod, and what contradicts itself. */}}

{{- define "sluis.vllmUrl" -}}
{{ ternary "https" "http" (ne .Values.vllm.tls.existingSecret "") }}://{{ include "sluis.fullname" . }}-vllm:8000/v1
{{- end -}}

{{/* The restricted user has no home and no name in the image: all that is written goes to /tmp. No
usage statistics, no downloads. */}}
{{- define "sluis.vllmEnv" -}}
{{- $own := (index . 0).Values.vllm -}}
- {name: HOME, value: /tmp}
- {name: USER, value: sluis}
- {name: XDG_CACHE_HOME, value: /tmp/cache}
- {name: XDG_CONFIG_HOME, value: /tmp/config}
- {name: TRITON_CACHE_DIR, value: /tmp/cache/triton}
- {name: TORCHINDUCTOR_CACHE_DIR, value: /tmp/cache/inductor}
- {name: HF_HOME, value: /tmp/cache/huggingface}
- {name: HF_HUB_OFFLINE, value: "1"}
- {name: TRANSFORMERS_OFFLINE, value: "1"}
- {name: VLLM_NO_USAGE_STATS, value: "1"}
- {name: DO_NOT_TRACK, value: "1"}
{{- with $own.apiKey.existingSecret }}
- name: VLLM_API_KEY
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: {{ $own.apiKey.key }}}
{{- end }}
{{- end -}}

{{- define "sluis.vllmArgs" -}}
{{- with .Values.vllm -}}
- /models/{{ .models.path }}
- --served-model-name={{ .servedName }}
- --host=0.0.0.0
- --port=8000
{{- if gt (int .gpu.count) 1 }}
- --tensor-parallel-size={{ int .gpu.count }}
{{- end }}
{{- if .tls.existingSecret }}
- --ssl-certfile=/etc/sluis/vllm-tls/tls.crt
- --ssl-keyfile=/etc/sluis/vllm-tls/tls.key
{{- end }}
{{- with .adapters }}
- --enable-lora
- --lora-modules
{{- range . }}
- {{ printf "%s=/models/%s" .name .path | quote }}
{{- end }}
{{- end }}
{{- with .extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Resources with the accelerators, which are limits only. */}}
{{- define "sluis.vllmResources" -}}
{{- $own := .Values.vllm -}}
{{- $resources := deepCopy $own.resources -}}
{{- if gt (int $own.gpu.count) 0 -}}
{{- $_ := set $resources "limits" (set (default dict $resources.limits) $own.gpu.resource (int $own.gpu.count)) -}}
{{- end -}}
{{ toYaml $resources }}
{{- end -}}

{{- define "sluis.checkVllm" -}}
{{- $own := .Values.vllm -}}
{{- if $own.enabled -}}
{{- $missing := list -}}
{{- if not (and $own.image.repository $own.image.digest) }}{{ $missing = append $missing "vllm.image.repository and vllm.image.digest: an image of vLLM" }}{{ end -}}
{{- if not $own.models.existingClaim }}{{ $missing = append $missing "vllm.models.existingClaim: the claim that holds the model" }}{{ end -}}
{{- if not $own.models.path }}{{ $missing = append $missing "vllm.models.path: the folder of the model in it" }}{{ end -}}
{{- if not $own.servedName }}{{ $missing = append $missing "vllm.servedName: the model of deployments in config" }}{{ end -}}
{{- if $missing -}}
{{- fail (printf "\n\nvllm is on, and these values are required:\n  - %s\nhelm/ci/vllm-values.yaml is an example.\n" (join "\n  - " $missing)) -}}
{{- end -}}
{{- if and $own.adapters (contains "--lora-modules" (join " " $own.extraArgs)) -}}
{{- fail "vllm.adapters and --lora-modules in vllm.extraArgs: leave one of them out" -}}
{{- end -}}
{{- if and $own.plainHttp $own.tls.existingSecret -}}
{{- fail "vllm.plainHttp is set, and vllm.tls.existingSecret names a certificate: leave one of them out" -}}
{{- end -}}
{{- if not (or $own.plainHttp $own.tls.existingSecret) -}}
{{- fail "vllm would serve requests without TLS: name a certificate for its Service in vllm.tls.existingSecret, or set vllm.plainHttp, and plain_http of its provider in config" -}}
{{- end -}}
{{- if and (eq (int $own.rollout.maxSurge) 0) (eq (int $own.rollout.maxUnavailable) 0) -}}
{{- fail "vllm.rollout: with maxSurge and maxUnavailable 0 no pod can ever be replaced; set one of them" -}}
{{- end -}}
{{- range $kind, $amounts := $own.resources -}}
{{- if hasKey $amounts $own.gpu.resource -}}
{{- fail (printf "vllm.resources.%s has %s: set vllm.gpu.count instead" $kind $own.gpu.resource) -}}
{{- end -}}
{{- end -}}
{{- include "sluis.checkVllmConfig" . -}}
{{- end -}}
{{- end -}}

{{/* The providers of config at the address of vLLM, and their deployments, against its values. */}}
{{- define "sluis.checkVllmConfig" -}}
{{- $own := .Values.vllm -}}
{{- $config := .Values.config -}}
{{- $wanted := include "sluis.vllmUrl" . -}}
{{- $host := printf "^https?://%s-vllm([.]%s([.]svc([.][a-z0-9.-]+)?)?)?(:[0-9]+)?(/.*)?$" (include "sluis.fullname" .) .Release.Namespace -}}
{{- range default list $config.providers -}}
{{- if regexMatch $host (default "" .base_url) -}}
{{- $name := .name -}}
{{- $provider := printf "config: provider %s" $name -}}
{{- $same := printf "^%s://[^/:]+:8000/v1/?$" (first (splitList ":" $wanted)) -}}
{{- if not (regexMatch $same .base_url) }}{{ fail (printf "%s has base_url %s, and vllm serves %s: use that" $provider .base_url $wanted) }}{{ end -}}
{{- if ne (default "" .zone) "internal" }}{{ fail (printf "%s is vllm of this chart: its zone is internal" $provider) }}{{ end -}}
{{- if and $own.plainHttp (not .plain_http) }}{{ fail (printf "%s needs plain_http: true, because vllm.plainHttp is set" $provider) }}{{ end -}}
{{- if and $own.tls.existingSecret (not (or .ca (include "sluis.hasFile" $.Values.caBundle))) -}}
{{- fail (printf "%s needs ca: /etc/sluis/vllm-tls/ca.crt, the authority of vllm.tls.existingSecret" $provider) -}}
{{- end -}}
{{- if and $own.apiKey.existingSecret (not .api_key) -}}
{{- fail (printf "%s needs api_key: env:NAME with the key of vllm.apiKey.existingSecret, which vllm asks for" $provider) -}}
{{- end -}}
{{- if not $config.internal_networks -}}
{{- fail (printf "%s is in the cluster: config.internal_networks needs the cluster's range of Services" $provider) -}}
{{- end -}}
{{- range default list $config.deployments -}}
{{- $names := list $own.servedName -}}
{{- range $own.adapters }}{{ $names = append $names .name }}{{ end -}}
{{- $others := contains "--lora-modules" (join " " $own.extraArgs) -}}
{{- if and (eq .provider $name) .model (not (has .model $names)) (not $others) -}}
{{- fail (printf "config: deployment %s asks for the model %s, and vllm serves %s (vllm.servedName, vllm.adapters)" .name .model (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
