"""One self-contained page: the interactive page's own files with one computation inside, and no server."""

import base64
import hashlib
import html
import json
from importlib import resources

STATIC = resources.files("dualnet") / "explain" / "static"  # also where the package is in a zip file
SCRIPTS = ("dagre.min.js", "graph.js", "page.js")


def static_page(explanation):
    """The page of an explanation as one HTML text; its policy allows only the scripts and the style in it.

    Examples
    --------
    >>> import dualnet as dn
    >>> page = dn.explain("x**2", at={"x": 3}).html()
    >>> page.count("<script src"), "Content-Security-Policy" in page
    (0, True)
    """
    data = explanation.to_dict() | {"document": explanation.latex()}
    style, scripts = _read("page.css"), [_read(name) for name in SCRIPTS]
    policy = (f"default-src 'none'; script-src {' '.join(_hash(s) for s in scripts)}; style-src {_hash(style)}; img-src data: blob:; "
              "base-uri 'none'; form-action 'none'")
    page = _read("page.html")
    page = page.replace('<html lang="en">', '<html lang="en" class="static">', 1)
    page = page.replace("<!--policy-->", f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">', 1)
    page = page.replace('<link rel="stylesheet" href="page.css">', f"<style>{style}</style>", 1)
    held = json.dumps(data).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    inside = f'<script type="application/json" id="data">{held}</script>' + "".join(f"<script>{s}</script>" for s in scripts)
    head, _, rest = page.partition("<!--scripts-->")
    return head + inside + rest.partition("<!--end scripts-->")[2]


def _read(name):
    return (STATIC / name).read_text(encoding="utf-8")


def _hash(script):
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
