{{/* An IPv4 address as a number. */}}
{{- define "sluis.ip" -}}
{{- $sum := 0 -}}
{{- range splitList "." . -}}{{- $sum = add (mul $sum 256) (int64 .) -}}{{- end -}}
{{- $sum -}}
{{- end -}}

{{/* "yes" where the first CIDR of the list contains the second, or is it. */}}
{{- define "sluis.contains" -}}
{{- $outer := splitList "/" (index . 0) -}}
{{- $inner := splitList "/" (index . 1) -}}
{{- if ge (int (index $inner 1)) (int (index $outer 1)) -}}
{{- $size := 1 -}}
{{- range until (int (sub 32 (int (index $outer 1)))) -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- $a := div (int64 (include "sluis.ip" (index $outer 0))) $size -}}
{{- $b := div (int64 (include "sluis.ip" (index $inner 0))) $size -}}
{{- if eq $a $b -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* Fails for a CIDR that is not private; takes the list [what it is for, CIDR]. */}}
{{- define "sluis.private" -}}
{{- $cidr := index . 1 -}}
{{- $ok := "" -}}
{{- range list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" "100.64.0.0/10" -}}
{{- $ok = print $ok (include "sluis.contains" (list . $cidr)) -}}
{{- end -}}
{{- if not $ok -}}{{- fail (printf "%s: %s is not a private network" (index . 0) $cidr) -}}{{- end -}}
{{- end -}}

{{/* An ipBlock peer without the metadata address: an except entry must lie inside its CIDR. */}}
{{- define "sluis.block" -}}
{{- $metadata := "169.254.169.254/32" -}}
{{- if eq . $metadata -}}{{- fail "the metadata address may not be opened" -}}{{- end -}}
- ipBlock:
    cidr: {{ . }}
    {{- if include "sluis.contains" (list . $metadata) }}
    except: [{{ $metadata }}]
    {{- end }}
{{- end -}}

{{/* Egress to CIDRs on one port, or nothing; takes a dict cidrs, port. */}}
{{- define "sluis.toBlocks" -}}
{{- if .cidrs -}}
- to:
    {{- range .cidrs }}
    {{- include "sluis.block" . | nindent 4 }}
    {{- end }}
  ports: [{protocol: TCP, port: {{ .port }}}]
{{- end -}}
{{- end -}}

{{- define "sluis.toDns" -}}
{{- with .Values.network.dns -}}
- to:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: {{ .namespace }}}
      podSelector:
        matchLabels: {{- toYaml .podLabels | nindent 10 }}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end -}}
{{- end -}}

{{- define "sluis.toDatabase" -}}
{{- include "sluis.toPlace" (list . "database") -}}
{{- end -}}

{{/* Egress to CIDRs and pods, or nothing; takes the list [root, the name under network]. */}}
{{- define "sluis.toPlace" -}}
{{- $internalOnly := (index . 0).Values.internalOnly -}}
{{- $name := index . 1 -}}
{{- with index (index . 0).Values.network $name -}}
{{- if or .cidrs .namespace -}}
- to:
    {{- range .cidrs }}
    {{- if $internalOnly }}{{ include "sluis.private" (list (printf "internalOnly: network.%s" $name) .) }}{{ end }}
    {{- include "sluis.block" . | nindent 4 }}
    {{- end }}
    {{- if .namespace }}
    {{- include "sluis.pods" . | nindent 4 }}
    {{- end }}
  ports: [{protocol: TCP, port: {{ .port }}}]
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A peer: pods of a namespace, all of them or by labels. */}}
{{- define "sluis.pods" -}}
- namespaceSelector:
    matchLabels: {kubernetes.io/metadata.name: {{ .namespace }}}
  {{- with .podLabels }}
  podSelector:
    matchLabels: {{- toYaml . | nindent 6 }}
  {{- end }}
{{- end -}}

{{/* A peer: another component of this release; takes the list [root, component]. */}}
{{- define "sluis.component" -}}
- podSelector:
    matchLabels:
      {{- include "sluis.selector" (index . 0) | nindent 6 }}
      app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Ingress for the callers that a component allows, or nothing (an empty from would be everybody). */}}
{{- define "sluis.allowFrom" -}}
{{- if .callers -}}
- from:
    {{- range .callers }}
    {{- include "sluis.pods" . | nindent 4 }}
    {{- end }}
  ports: [{protocol: TCP, port: {{ .port }}}]
{{- end -}}
{{- end -}}

{{/* A component's ingress rules; takes the list [root, component]. */}}
{{- define "sluis.ingress" -}}
{{- $ := index . 0 -}}
{{- $component := index . 1 -}}
{{- $port := get (dict "gateway" 8080 "control" 8081 "worker" 8082 "console" 8501) $component }}
{{- if eq $component "worker" }}
- from:
    {{- include "sluis.component" (list $ "gateway") | nindent 4 }}
  ports: [{protocol: TCP, port: 8082}]
{{- else }}
{{ include "sluis.allowFrom" (dict "callers" (index $.Values $component).allowFrom "port" $port) }}
{{- end }}
{{- if ne $component "console" }}
{{ include "sluis.allowFrom" (dict "callers" $.Values.metrics.allowFrom "port" $port) }}
{{- end }}
{{- if eq $component "gateway" }}
- from:
    {{- include "sluis.component" (list $ "control") | nindent 4 }}
  ports: [{protocol: TCP, port: 8080}]
{{- end }}
{{- if eq $component "control" }}
{{- range list "console" "worker" }}
{{- if (index $.Values .).enabled }}
- from:
    {{- include "sluis.component" (list $ .) | nindent 4 }}
  ports: [{protocol: TCP, port: 8081}]
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Fails where a component is published and nothing may reach it; takes the list [root, component]. */}}
{{- define "sluis.exposed" -}}
{{- $component := index . 1 -}}
{{- $own := index (index . 0).Values $component -}}
{{- $kinds := list -}}
{{- if $own.ingress.enabled }}{{ $kinds = append $kinds "ingress" }}{{ end -}}
{{- if $own.httpRoute.enabled }}{{ $kinds = append $kinds "httpRoute" }}{{ end -}}
{{- if and $kinds (not $own.allowFrom) -}}
{{- fail (printf "%s.%s is on, and the network policy lets nothing reach %s: name the namespace of the ingress controller in %s.allowFrom, such as [{namespace: ingress-nginx}]" $component (first $kinds) $component $component) -}}
{{- end -}}
{{- if and $kinds (eq $component "console") -}}
{{- $hosts := concat (ternary $own.ingress.hosts list $own.ingress.enabled) (ternary $own.httpRoute.hostnames list $own.httpRoute.enabled) -}}
{{- $host := index (splitList ":" (trimPrefix "https://" $own.url)) 0 -}}
{{- if not (has $host $hosts) -}}
{{- fail (printf "console.url is %q, and its host is not among the hosts of console.%s: browsers would be refused" $own.url (first $kinds)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
