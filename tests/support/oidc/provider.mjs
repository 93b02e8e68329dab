// A real OpenID Connect provider for tests. Usage: node provider.mjs '<JSON settings>'
// {port, client: {id, secret, redirect, logout, approvals}, users: {login: {name, groups, seconds}}}, where seconds is
// how long that user's access tokens live. Optional: keys, private JWKs of which the first signs;
// applications [{id, secret}], which get tokens of their own. It prints "jwks" when its keys are read.
// Any password is accepted. An access token is a JWT (RFC 9068) only when its resource was asked for.
import Provider from 'oidc-provider';
import { exportJWK, generateKeyPair } from 'jose';

const settings = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${settings.port}`;

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `test-${alg}` };
}

const claimsOf = (id) => {
  const { name, groups } = settings.users[id] ?? { name: id, groups: [] };
  return { sub: id, name, groups };
};

const provider = new Provider(issuer, {
  jwks: { keys: settings.keys ?? [await signingKey('RS256'), await signingKey('ES256')] },
  clients: [...(settings.applications ?? []).map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
  })), {
    client_id: settings.client.id,
    client_secret: settings.client.secret,
    redirect_uris: [settings.client.redirect, settings.client.approvals].filter(Boolean),
    post_logout_redirect_uris: [settings.client.redirect],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    ...(settings.client.logout && {
      backchannel_logout_uri: settings.client.logout,
      backchannel_logout_session_required: true,
    }),
  }],
  cookies: { keys: ['only-for-tests'] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  findAccount: (_, id) => ({ accountId: id, claims: () => claimsOf(id) }),
  extraTokenClaims: (_, token) => {
    if (token.kind === 'ClientCredentials') return {};
    const { name, groups } = claimsOf(token.accountId);
    return { name, groups };
  },
  ttl: { AccessToken: (_, token) => settings.users[token.accountId]?.seconds ?? 600 },
  // Its own protection would not let it call the control plane on loopback.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'sluis',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path === '/jwks') console.log('jwks');
  await next();
});
provider.on('backchannel.success', (_, client) => console.log(`logout sent to ${client.clientId}`));
provider.on('backchannel.error', (_, error) => console.log(`logout not sent: ${error.message}`));
provider.listen(settings.port, '127.0.0.1', () => console.log(`ready ${issuer}`));
