{{/* ExternalSecrets: each makes a Secret that another value names. */}}

{{/* The Secrets that values name, with the keys that are needed in them; a JSON dict. Without a key
in the list the chart does not know which ones are needed. */}}
{{- define "sluis.neededSecrets" -}}
{{- $values := .Values -}}
{{- $needed := list -}}
{{- range $section := list "gateway" "control" "hooks" -}}
{{- $own := index $values.database $section -}}
{{- $needed = append $needed (list $own.existingSecret (default $values.database.key $own.key)) -}}
{{- end -}}
{{- range $kind := list "worker" "control" "gateway" }}{{ range splitList "," (include "sluis.secretFiles" $kind) }}{{ $needed = append $needed (list $values.secrets.existingSecret .) }}{{ end }}{{ end -}}
{{- range $process := list "gateway" "control" -}}
{{- $keys := include "sluis.keysOf" (list $ $process) | fromJson -}}
{{- range $keys.names }}{{ $needed = append $needed (list $keys.secret .) }}{{ end -}}
{{- end -}}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}{{ $needed = append $needed (list $values.witnesses.existingSecret .) }}{{ end -}}
{{- range list $values.database $values.valkey $values.metrics.token $values.vllm.apiKey $values.caBundle $values.witnesses.tsaCertificates $values.console.signOn -}}
{{- $needed = append $needed (list .existingSecret .key) -}}
{{- end -}}
{{- range list $values.worker.tls $values.vllm.tls }}{{ $tls := . }}{{ range list "tls.crt" "tls.key" "ca.crt" }}{{ $needed = append $needed (list $tls.existingSecret .) }}{{ end }}{{ end -}}
{{- $needed = append $needed (list $values.keyService.ca.existingSecret "ca.crt") -}}
{{- $open := list $values.keyService.existingSecret $values.providerKeys.existingSecret $values.applicationKeys.existingSecret -}}
{{- range list "gateway" "control" "console" }}{{ $open = append $open (index $values .).ingress.tls.secretName }}{{ end -}}
{{- range list "gateway" "control" "worker" "vllm" "console" "hooks" -}}
{{- range (index $values .).extraEnvFrom }}{{ $open = append $open (default dict .secretRef).name }}{{ end -}}
{{- range (index $values .).extraEnv }}{{ $open = append $open (default dict (default dict .valueFrom).secretKeyRef).name }}{{ end -}}
{{- range (index $values .).extraVolumes }}{{ $open = append $open (default dict .secret).secretName }}{{ end -}}
{{- end -}}
{{- $found := dict -}}
{{- range compact (concat $open $values.image.pullSecrets) }}{{ $_ := set $found . list }}{{ end -}}
{{- range $needed -}}
{{- with index . 0 }}{{ $_ := set $found . (append (default list (get $found .)) "") }}{{ end -}}
{{- end -}}
{{- range $needed -}}
{{- $key := index . 1 -}}
{{- with index . 0 }}{{ $_ := set $found . (append (get $found .) $key | compact | uniq) }}{{ end -}}
{{- end -}}
{{ toJson $found }}
{{- end -}}

{{- define "sluis.checkExternalSecrets" -}}
{{- $needed := include "sluis.neededSecrets" . | fromJson -}}
{{- $seen := dict -}}
{{- range $external := .Values.externalSecrets -}}
{{- $where := printf "externalSecrets: %s" .name -}}
{{- if hasKey $seen .name }}{{ fail (printf "%s is listed twice" $where) }}{{ end -}}
{{- $_ := set $seen .name true -}}
{{- if not (hasKey $needed .name) -}}
{{- fail (printf "%s is a Secret that no other value names: correct the name, or name it there, such as in database.existingSecret" $where) -}}
{{- end -}}
{{- if not (or .data .dataFrom) }}{{ fail (printf "%s has neither data nor dataFrom, so nothing would be in it" $where) }}{{ end -}}
{{- $given := list -}}
{{- range .data -}}
{{- if has .secretKey $given }}{{ fail (printf "%s has the key %s twice" $where .secretKey) }}{{ end -}}
{{- $given = append $given .secretKey -}}
{{- end -}}
{{- if not .dataFrom -}}
{{- range get $needed .name -}}
{{- if not (has . $given) }}{{ fail (printf "%s has no key %s, which is needed: add it to data" $where .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
