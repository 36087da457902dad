"""Fetch the vendored style sheet and draw the icon sprite: run by `make vendor`.

Takes two exact npm specifications, bootstrap@… and bootstrap-icons@…, and writes next to
itself bootstrap.min.css, both licence texts and VENDORED.txt, and ../icons.svg.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

VENDOR = Path(__file__).resolve().parent
STATIC = VENDOR.parent
SVG = "{http://www.w3.org/2000/svg}"

# Only these icons are shipped; a name that the package lacks stops the run.
ICONS = """
activity archive arrow-clockwise arrow-counterclockwise arrow-down arrow-left arrow-repeat
arrow-right arrow-up bank bell box-arrow-in-right box-arrow-right box-arrow-up-right briefcase
broadcast building calendar3 card-text caret-down-fill cash-stack chat-left-quote chat-quote
chat-square-quote check check-circle check-circle-fill check-lg check2 check2-circle
chevron-down chevron-expand chevron-left chevron-right chevron-up clipboard clipboard-check
clock clock-history cloud-arrow-up code-slash copy credit-card dash-lg download droplet envelope
exclamation-circle exclamation-circle-fill exclamation-lg exclamation-octagon
exclamation-octagon-fill exclamation-triangle exclamation-triangle-fill eye eye-slash
file-earmark file-earmark-arrow-down file-earmark-arrow-up file-earmark-check file-earmark-image
file-earmark-pdf file-earmark-spreadsheet file-earmark-text file-earmark-x file-earmark-x-fill
filter fingerprint folder2-open gear globe globe2 google grip-vertical hdd-network hourglass
hourglass-bottom hourglass-split house infinity info-circle info-circle-fill key key-fill laptop
link-45deg list list-check lock lock-fill microsoft mortarboard pause pause-circle pause-circle-fill
pen pen-fill pencil pencil-square people person person-add person-badge person-check person-dash
person-gear person-lock person-plus person-vcard person-x phone play-circle play-circle-fill
play-fill plug plus plus-circle plus-lg question-circle question-circle-fill receipt search send
shield shield-check shield-exclamation shield-lock shield-lock-fill slash-circle
slash-circle-fill sliders sort-down speedometer2 stop-circle tag tags telephone terminal
three-dots three-dots-vertical trash trash3 unlock upload wallet wallet-fill wallet2 webcam x
x-circle x-circle-fill x-lg
""".split()  # noqa: SIM905 -- 150 names read better as words


def fetch(specification, folder):
    """The unpacked npm package of *specification* (name@exact-version)."""
    command = ["npm", "pack", "--json", specification]
    packed = subprocess.run(  # noqa: S603 -- the specification comes from Makefile.vendor
        command, cwd=folder, check=True, stdout=subprocess.PIPE
    )
    archive = folder / json.loads(packed.stdout)[0]["filename"]
    target = folder / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def style_sheet(package):
    """Bootstrap's own CSS, but for the pointer to a source map, which would break hashed file
    names, and its data: images, which our policy forbids to load (parts.css has files of ours).
    """
    css = (package / "dist/css/bootstrap.min.css").read_text("utf-8")
    css = re.sub(r'url\("data:[^"]*"\)', "none", css)
    return re.sub(r"\s*/\*# sourceMappingURL=.*?\*/\s*", "\n", css)


def symbol(package, name):
    """One icon as a <symbol> that takes the colour of the text around it."""
    source = (package / "icons" / f"{name}.svg").read_text("utf-8")
    drawing = ET.fromstring(source)  # noqa: S314 -- from the one package pinned above
    body = "".join(ET.tostring(part, "unicode") for part in drawing)
    body = re.sub(r'\s*xmlns(:\w+)?="[^"]*"', "", body).replace("svg:", "").replace("ns0:", "")
    body = re.sub(r"\s+", " ", body).strip()
    return f'<symbol id="{name}" viewBox="0 0 16 16" fill="currentColor">{body}</symbol>'


def sprite(package):
    symbols = "\n".join(symbol(package, name) for name in sorted(ICONS))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def entry(path, manifest):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = path.relative_to(STATIC.parent).as_posix()
    return (
        f"{name}\n  package: {manifest['name']}\n  version: {manifest['version']}\n"
        f"  licence: {manifest['license']}\n  sha256:  {digest}\n"
    )


def main(bootstrap, icons):
    written = []
    with tempfile.TemporaryDirectory() as folder:
        for specification, path, draw in (
            (bootstrap, VENDOR / "bootstrap.min.css", style_sheet),
            (icons, STATIC / "icons.svg", sprite),
        ):
            package = fetch(specification, Path(folder))
            manifest = json.loads((package / "package.json").read_text("utf-8"))
            licence = VENDOR / f"{manifest['name']}.LICENSE.txt"
            path.write_text(draw(package), "utf-8")
            licence.write_bytes((package / "LICENSE").read_bytes())
            written += [entry(path, manifest), entry(licence, manifest)]
    (VENDOR / "VENDORED.txt").write_text(
        "Files made by `make vendor`; change the version in Makefile.vendor, not the file.\n\n"
        + "\n".join(written),
        "utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
