{{/* Variables that come from Secrets, each by its name: a whole Secret could set any variable. */}}

{{/* The variables that config names as env:NAME for a use (provider, application), as a JSON list. */}}
{{- define "sluis.referencesOf" -}}
{{- $config := (index . 0).Values.config -}}
{{- $found := list -}}
{{- if eq (index . 1) "provider" -}}
{{- range default list $config.providers -}}
{{- $found = concat $found (list .api_key .proxy_auth (default dict .entra).secret) -}}
{{- with .aws }}{{ $found = concat $found (list .access_key .secret_key .session_token) }}{{ end -}}
{{- end -}}
{{- else -}}
{{- range default list $config.keys }}{{ $found = append $found .secret }}{{ end -}}
{{- end -}}
{{- $names := list -}}
{{- range compact $found }}{{ $names = append $names (trimPrefix "env:" .) }}{{ end -}}
{{ $names | uniq | sortAlpha | toJson }}
{{- end -}}

{{/* What extraEnv of a process sets: that is not read from another Secret. As a JSON list. */}}
{{- define "sluis.extraNames" -}}
{{- $names := list -}}
{{- range (index (index . 0).Values (include "sluis.section" (index . 1))).extraEnv }}{{ $names = append $names .name }}{{ end -}}
{{ toJson $names }}
{{- end -}}

{{/* The Secret and the variables of a process: of providers for the gateway, of applications for
control plane and apply job. Takes the list [root, process]; gives a JSON dict secret, names. */}}
{{- define "sluis.keysOf" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $use := get (dict "gateway" "provider" "control" "application" "apply" "application") $process -}}
{{- if $use -}}
{{- $keys := index $root.Values (printf "%sKeys" $use) -}}
{{- $named := concat (include "sluis.referencesOf" (list $root $use) | fromJsonArray) $keys.names -}}
{{ dict "secret" $keys.existingSecret "names" ($named | uniq | sortAlpha) | toJson }}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/* Variables from a Secret, without those of extraEnv; takes a dict secret, names, optional, without. */}}
{{- define "sluis.fromSecret" -}}
{{- $ := . -}}
{{- if .secret }}
{{- range .names }}
{{- if not (has . $.without) }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: {name: {{ $.secret }}, key: {{ . }}{{ if $.optional }}, optional: true{{ end }}}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The variables of a process that come from Secrets: logins of the key service and of object
storage, keys of providers or applications. Takes the list [root, process]. */}}
{{- define "sluis.secretEnv" -}}
{{- $values := (index . 0).Values -}}
{{- $process := index . 1 -}}
{{- $without := include "sluis.extraNames" . | fromJsonArray -}}
{{- $access := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" -}}
{{- $storage := ternary $values.witnesses.existingSecret "" (eq $process "control") -}}
{{- if not (has $process (list "console" "worker")) }}
{{- with $values.keyService.existingSecret }}
{{- $login := list "VAULT_TOKEN" "VAULT_NAMESPACE" -}}
{{- if not $storage }}{{ $login = concat $login $access (list "AWS_SESSION_TOKEN") }}{{ end }}
{{ include "sluis.fromSecret" (dict "secret" . "names" $login "optional" true "without" $without) }}
{{- end }}
{{ include "sluis.fromSecret" (dict "secret" $storage "names" $access "without" $without) }}
{{ include "sluis.fromSecret" (dict "secret" $storage "names" (list "AWS_SESSION_TOKEN") "optional" true "without" $without) }}
{{- $keys := include "sluis.keysOf" . | fromJson }}
{{ include "sluis.fromSecret" (set $keys "without" $without) }}
{{- end }}
{{- end -}}

{{/* Fails for a variable that the processes, Python or the system read themselves. */}}
{{- define "sluis.checkName" -}}
{{- $prefixes := "(SLUIS|OTEL|VAULT|SSL|OPENSSL|KUBERNETES|UVICORN|STREAMLIT|GLIBC|MALLOC|LD)_.*|PYTHON.*|PG[A-Z]+" -}}
{{- $whole := "HOME|PATH|ENV|BASH_ENV|IFS|SHELL|USER|LANG|LC_ALL|TZ|TMPDIR|TEMP|TMP|XDG_CACHE_HOME|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(?i:(HTTP|HTTPS|ALL|NO)_PROXY)" -}}
{{- $aws := "AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|REGION|DEFAULT_REGION)" -}}
{{- if regexMatch (printf "^(%s|%s|%s)$" $prefixes $whole $aws) .name -}}
{{- fail (printf "%s names the variable %s, which the processes themselves read: give the key another name, in the Secret and behind env:" .where .name) -}}
{{- end -}}
{{- end -}}

{{/* Fails for a name that is taken, and for one that config names and nothing gives. */}}
{{- define "sluis.checkKeys" -}}
{{- $root := . -}}
{{- range $use := list "provider" "application" -}}
{{- $keys := index $root.Values (printf "%sKeys" $use) -}}
{{- range $keys.names }}{{ include "sluis.checkName" (dict "where" (printf "%sKeys.names" $use) "name" .) }}{{ end -}}
{{- if and $keys.names (not $keys.existingSecret) -}}
{{- fail (printf "%sKeys.names has %s: name the Secret that holds it in %sKeys.existingSecret" $use (first $keys.names) $use) -}}
{{- end -}}
{{- $section := ternary "gateway" "hooks" (eq $use "provider") -}}
{{- $own := index $root.Values $section -}}
{{- range $name := include "sluis.referencesOf" (list $root $use) | fromJsonArray -}}
{{- include "sluis.checkName" (dict "where" "config" "name" $name) -}}
{{- $given := or $keys.existingSecret $own.extraEnvFrom -}}
{{- range $own.extraEnv }}{{ if eq .name $name }}{{ $given = true }}{{ end }}{{ end -}}
{{- if not $given -}}
{{- fail (printf "config names env:%s, and no value gives it to %s: name the Secret that holds it in %sKeys.existingSecret" $name $section $use) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with include "sluis.signOnName" . }}{{ include "sluis.checkName" (dict "where" "config.identity.console.client_secret" "name" .) }}{{ end -}}
{{- end -}}
