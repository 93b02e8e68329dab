// Stands in for Keycloak: oidc-provider with the realm, the clients and the persons of realm.json. Any
// password is accepted. Its access tokens have the claims of Keycloak's that Sluis reads.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { exportJWK, generateKeyPair } from 'jose';

const text = readFileSync('/opt/keycloak/data/import/realm.json', 'utf-8');
const realm = JSON.parse(text.replace(/\$\{(\w+)\}/g, (_, name) => process.env[name]));
const path = `/realms/${realm.realm}`;
const issuer = process.env.KC_HOSTNAME + path;
const client = realm.clients.find((one) => one.standardFlowEnabled);
const audience = client.protocolMappers[0].config['included.client.audience'];
const users = Object.fromEntries(realm.users.map((user) => [user.username, user]));
const { privateKey } = await generateKeyPair('RS256', { extractable: true });

const claimsOf = (id) => ({
  sub: id,
  name: `${users[id].firstName} ${users[id].lastName}`,
  email: users[id].email,
  preferred_username: id,
  realm_access: { roles: users[id].realmRoles },
});

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
  clients: [{
    client_id: client.clientId,
    client_secret: client.secret,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: [client.attributes['post.logout.redirect.uris']],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  cookies: { keys: ['of-a-stand-in'] },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  findAccount: (_, id) => users[id] && { accountId: id, claims: () => claimsOf(id) },
  extraTokenClaims: (_, token) => claimsOf(token.accountId),
  formats: {
    customizers: {
      jwt: (_, __, made) => {
        made.header = { typ: 'JWT' };
        made.payload.typ = 'Bearer';
      },
    },
  },
  ttl: { AccessToken: 300 },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `urn:${audience}`,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: '',
        audience,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

provider.on('server_error', (_, error) => console.log(error.stack));
const answer = provider.callback();
createServer((request, response) => {
  request.originalUrl = request.url;
  request.url = request.url.replace(path, '') || '/';
  answer(request, response);
}).listen(Number(process.env.KC_HTTP_PORT), '0.0.0.0');
createServer((_, response) => response.end('{"status": "UP"}')).listen(9000, '0.0.0.0');
console.log(`This is a stand-in, not Keycloak: ${issuer}`);
