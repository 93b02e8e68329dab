"""Words and signs by which a text makes a program fetch, send or look up something."""

import re
import unicodedata
from functools import lru_cache

# The longest match below, with one sign before it: so many characters of a text are kept.
LONGEST_WORD, LONGEST_URL = 40, 80

_FOREIGN = re.compile(r"[^\x00-\x7f]")
# Programs of a command line that fetch or send, and are no ordinary words.
_COMMANDS = (
    "curl",
    "wget",
    "aria2c",
    "nslookup",
    "netcat",
    "/dev/(?:tcp|udp)/",
    "certutil",
    "bitsadmin",
    "invoke-webrequest",
    "invoke-restmethod",
    "start-bitstransfer",
    "resolve-dnsname",
    "test-netconnection",
    "test-connection",
    "send-mailmessage",
    r"\(\s?(?:iwr|irm)\s",
    "mail -s",
    r"(?:git (?:push|clone)|docker push|aws s3)\s",
)
# What fetches, sends or runs a command by a call, in any language.
_CALLS = (
    r"fetch\s{0,3}(?:\?\.)?\(",
    r"fetch\.(?:call|apply|bind)",
    r"""fetch["']\]\s?\(""",
    r"requests\.(?:get|post|put|patch|delete|head|request|session)",
    r"(?:session|\$)\.(?:get|post|put|patch|delete|head|request)\(",
    "urlopen",
    "urllib",
    r"httpx\.",
    "aiohttp",
    "axios",
    "xmlhttprequest",
    "sendbeacon",
    "httpclient",
    r"http\.(?:get|post|put|request)",
    "net/http",
    "webclient",
    "resttemplate",
    "okhttp",
    "guzzle",
    "urlsession",
    "httpwebrequest",
    r"new (?:image|audio)\s{0,3}[(;]",
    r"window\.open",
    r"(?:window|document)\.location",
    r"location\.(?:href|assign|replace)",
    r"websocket\(",
    r"eventsource\(",
    "importscripts",
    r"import\(",
    "file_get_contents",
    r"header\(",
    r"(?:gethostbyname|getaddrinfo)\(",
    r"dns\.(?:resolve|lookup)",
    "smtplib",
    "sendmail",
    r"os\.system",
    "subprocess",
    "child_process",
    "downloadstring",
    "downloadfile",
    "sp_oamethod",
    "xp_cmdshell",
    "xp_dirtree",
    "xp_fileexist",
    r"utl_(?:http|inaddr|smtp|tcp)",
    "load_file",
    "openrowset",
    "opendatasource",
    "httpuritype",
    r"http_(?:get|post)\(",
    "into (?:outfile|dumpfile)",
    "to program",
    r"copy \(",
    r"=\s{0,3}image\s{0,3}\(",
    r"(?:hyperlink|webservice|encodeurl|import(?:xml|data|html|feed|range))\s{0,3}\(",
)
# What a renderer or a template fetches.
_RENDERED = (
    "@import",
    r"url\(",
    r"image-set\(",
    r"document\.write",
    "=cmd",
    "!include",
    r"\{\{<",
    r"\{%",
    (
        r"\\(?:href|url|includegraphics|input|include|write18|immediate|openin|openout|special"
        r"|directlua)"
    ),
    (
        r"\\(?:lstinputlisting|verbatiminput|bibliography|usepackage|image|html[a-z]{0,9}"
        r"|attachfile|movie)"
    ),
    r"\[(?:url|img|image|media|video|youtube|email|iframe)[\]=]",
)
# An attribute that loads what is assigned to it.
_ASSIGNED = r"[\w\])]\.(?:src|srcdoc|href|action|innerhtml|outerhtml|cookie)\s{0,3}="
# Ordinary words in prose; programs of a command line, or signs of one, in code.
_PROGRAMS = (
    "ping|dig|nc|ncat|socat|iwr|irm|ssh|scp|sftp|ftp|rsync|host|whois|telnet|lynx|drill"
    "|openssl|getent|tracert|traceroute"
)
_IN_SPAN = (rf"(?:{_PROGRAMS}|xdg-open|echo|printf|cat|tee)[ \t]", r"\$[({]")
_STRING_CALL = r"""[\w\])](?<!values)\(f?["'`]"""
FETCH = re.compile(rf"[\W_](?:{'|'.join(_COMMANDS + _CALLS + _RENDERED)})|{_ASSIGNED}")
FETCH_IN_SPAN = re.compile(
    rf"[\W_](?:{'|'.join(_COMMANDS + _CALLS + _RENDERED + _IN_SPAN)})|{_ASSIGNED}|{_STRING_CALL}"
)
# In files and command lines: a program where a command begins (``command``), or a call.
_BEGINS = r"[\n\0;|&(`\"'][ \t]{0,4}(?:sudo )?"
_ARGUMENT = r"(?:[-+\"'$<@{(\d]|[\w-]{1,20}[.@:])"
FETCH_IN_CODE = re.compile(
    rf"(?P<command>[\W_](?:{'|'.join(_COMMANDS)})|{_BEGINS}(?:{_PROGRAMS})[ \t]{{1,4}}{_ARGUMENT})"
    rf"|\W(?:{'|'.join(_CALLS)})"
)
PROGRAM = re.compile(rf"(?:^|{_BEGINS})(?:{_PROGRAMS})[ \t]+$")  # the end of a line so far
# A line of a command that prints, or a value where a command would begin.
PRINTS = re.compile(r"(?:^|[;|&(`\"'])\s*(?:echo|printf|cat)\s|[;|&`]\s*$")
# What sends the rest of a line on.
SENDS = re.compile(
    rf"\|[ \t]*(?:sudo )?(?:{_PROGRAMS}|curl|wget|netcat)[ \t]+[^|\s]|>[ \t]*/dev/(?:tcp|udp)/"
)
# The rest of a command or call that names nothing: what closes it, and a remark without quotes.
LEADS_NOWHERE = re.compile(r"""[\s)\]},;]*(?:(?<=\s)\#[^\n"'`]*)?\n?""")
# Most signs end no match, so no search is needed.
NO_FETCH_ENDS = frozenset("\"'`)&@|+,~:#?>\\[")
SPAN_ENDS = frozenset("\"'`")  # these end the name of a call in a code span
_URL_ENDS = frozenset("/\\?#:;")
_BEFORE_ANY_END = frozenset("/\\%{")


def may_end_url(word: str, piece: str, before: str) -> bool:
    """Return whether URL may match up to the end of a word.

    ``piece`` is the last part, a sign or a run of other characters; ``before`` is the sign before
    it.
    """
    return (
        piece in _URL_ENDS or before in _BEFORE_ANY_END or (piece == "." and word.endswith("www."))
    )


_ABROAD = "\u0080-\U0010ffff"
_SCHEMES = (
    "https?|ftp|file|mailto|data|javascript|livescript|vbscript|tel|sms|wss?|blob|ssh|git|ldaps?"
    "|dict|"
    "gopher|image|link|include|xref|video|audio|view-source|intent|callto|skype|magnet|"
    "feed|webcal|xmpp|irc|news|jar|cid|sips?|facetime|geo|maps|steam|ms-[a-z]{2,12}"
)
_HARMLESS_NUMBERS = r"0*(?:3[489]|6[02]|160);|x0*(?:2[267]|3[ce]|a0);"
# An address with a host; in text that is rendered, also one without.
_HOSTED = (
    r"[a-z][a-z0-9+.\-]{1,20}:[/\\]"
    r"|[^a-z0-9][/\\][/\\].|[^a-z0-9]www\.|%(?:3a|2f|5c)|\\(?:u00|u\{|x)(?:2e|2f|3a|40|5c)"
    r"|&(?:colon|sol|bsol|period|commat|num|quest|percnt|tab|newline|shy|nobreak|zwnj|zwj);"
    rf"|&#(?!{_HARMLESS_NUMBERS})(?:\d{{1,7}}|x[0-9a-f]{{1,7}});"
    rf"|[a-z0-9\-{_ABROAD}]\.(?:[a-z{_ABROAD}]{{2,24}}"
    rf"|xn--[a-z0-9\-]{{2,59}})\.?(?::\d{{1,5}})?[/?#\\]"
    r"|[a-z0-9\-][\u3002\uff61][a-z]{2,24}(?::\d{1,5})?[/?#\\]"
    r"|[^\d.]\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?[/?#\\]"
    r"|@[a-z0-9.\-]{1,40}:"
)
URL = re.compile(rf"{_HOSTED}|[^a-z0-9+.\-](?:{_SCHEMES}):")
URL_IN_CODE = re.compile(_HOSTED)

HARMLESS_ENTITIES = frozenset((
    "amp",
    "lt",
    "gt",
    "quot",
    "apos",
    "nbsp",
    "#34",
    "#38",
    "#39",
    "#60",
    "#62",
    "#160",
    "#x22",
    "#x26",
    "#x27",
    "#x3c",
    "#x3e",
    "#xa0",
))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKC", character).lower()
    return character if not plain or " " in plain else plain


def as_read(text: str) -> str:
    """Return the text as programs compare it: lower case, without full-width and invisible signs.

    A character that would become a space stays: it does not end a link everywhere.
    """
    lower = text.lower()
    if lower.isascii():
        return lower
    return _FOREIGN.sub(lambda found: _plain(found[0]), lower)
