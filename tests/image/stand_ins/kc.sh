#!/bin/sh
# Takes the place of Keycloak's command, with its port and its hostname in the same variables.
exec node /opt/keycloak/provider.mjs
