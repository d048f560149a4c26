"""Texts that somebody might send to run, move or hide something on the page of whoever reads them.

What runs sets `window.__pwned`, or asks evil.example for something.
"""

RIGHT_TO_LEFT = "\u05d0\u05d1\u05d2"
"""Three Hebrew letters: what stands around them is put in another order unless they are isolated."""

PAYLOADS = (
    "<script>window.__pwned=1</script>",
    "\"><img src=x onerror='window.__pwned=2'>",
    "'/><svg/onload=window.__pwned=3>",
    "</textarea></title></option></select></style></script><script>window.__pwned=4</script>",
    "javascript:window.__pwned=5//https://a.example",
    "data:text/html,<script>window.__pwned=6</script>",
    '<iframe srcdoc="<script>parent.__pwned=7</script>"></iframe>',
    "<a href=javascript:window.__pwned=8 autofocus onfocus=window.__pwned=8 tabindex=1>x</a>",
    '{{7*191}}{% now "Y" %}${7*191}<%= 7*191 %>#{7*191}{{constructor.constructor("window.__pwned=9")()}}',
    "<link rel=stylesheet href=//evil.example/x.css><img src=//evil.example/p.png><base href=//evil.example/>",
    '<meta http-equiv=refresh content="0;url=//evil.example/"><form action=//evil.example/><input type=submit>',
    "--><![CDATA[<b>bold</b>]]><!--",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__pwned=10&gt;">',
    '=HYPERLINK("https://evil.example/","x")\n+1\n-1\n@SUM(1)\t%s%(x)s%n{0}',
    "\u202egnp.exe\u202c\u2067\u2066\u2069\u200b\u200e\ufeff\u2028\u2029\U000e0041",
    "\x1b[31m\x07\x7f\x85",
    f"{RIGHT_TO_LEFT} (a) [b] <c> 1, 2",
    "W" * 600,
    "\N{GRINNING FACE}" * 60 + "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}" * 10,
    "Z\u0337\u0322\u0327" * 40 + "\ufdfd" * 60,
)
UNPAIRED = "\x00 \ud800 \udfff"
"""What JSON can write and UTF-8 cannot carry, and what databases cut texts at."""
LONG = "\n".join(PAYLOADS)
LINE = RIGHT_TO_LEFT + "\"><img src=x onerror='window.__pwned=20'>'/><svg/onload=window.__pwned=21>\u202e" + "w" * 70
"""For fields of a line."""
WORD = f"<svg/onload=window.__pwned=22>{RIGHT_TO_LEFT}"
"""For fields of a word; no space, as in an address."""
FILE_NAMES = (
    "../../../etc/passwd",
    "a\"b'\r\nX-Evil: 1\r\n\r\n<script>window.__pwned=23</script>.html",
    "<img src=x onerror=window.__pwned=24>.svg",
    "\u202egpj.exe",
    "n" * 250,
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.__pwned=25"><script>parent.__pwned=26</script></svg>'
