"""An A4 paper made by fpdf2: real text in embedded fonts, each part tagged with what it is.

fpdf2 tags images alone, and its own line breaking reads every letter many times: here lines are cut
by `lines`, and each is written once, between the marks that tell a reading voice what it reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import as_file, files
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences
from fpdf.structure_tree import StructElem

from service.papers.lines import Readable, Run, Span, Wide, wrapped

FAMILY = "plex"
FONTS = {"": "IBMPlexSans_400Regular.ttf", "B": "IBMPlexSans_600SemiBold.ttf"}
"""Style -> the file of its font."""

INK, SOFT, BRAND, LINK, THREAD, LINE = (
    "#1c2b30",
    "#4a5b62",
    "#14424c",
    "#0b5563",
    "#f2b84b",
    "#d3dbdd",
)
"""The colours of the site."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph looks, in points; `tag` is what it is for a reading voice."""

    size: float
    leading: float
    after: float
    tag: str = "P"
    ink: str = INK


TITLE = Style(22, 27, 6, "H1", BRAND)
PART = Style(14.5, 19, 6, "H2", BRAND)
HEAD = Style(11.5, 15.5, 1.5, "H3", BRAND)
BODY = Style(10, 14.5, 5)
CLOSE = Style(10, 14.5, 1.5)
SMALL = Style(9, 12.5, 4, ink=SOFT)
QUOTE = Style(10.5, 15.5, 3, "BlockQuote")

UNUSED = ("GDEF", "GPOS", "GSUB")
"""Tables of a font that fpdf2 leaves out of a paper, but only once it has read them all."""

LEFT, TOP, WIDTH, BOTTOM = 57.0, 57.0, 481.0, 770.0
"""Where text may be on the page, in points."""
FOOT = 795.0
WHOLE = 6
"""A paragraph of so many lines, or fewer, is not cut by the end of a page."""


class Paper:
    """A paper being written, from top to bottom. The same calls make the same bytes."""

    def __init__(self, title: str, language: str, on: date) -> None:
        self._pdf = pdf = FPDF(unit="pt", format="A4")
        self._language = language
        pdf.set_auto_page_break(False)
        pdf.set_title(title)
        pdf.set_lang(language)
        pdf.set_creator("Aiguille")
        pdf.set_creation_date(datetime.combine(on, time(), UTC))
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        for style, name in FONTS.items():
            with as_file(files("service.papers").joinpath("fonts", name)) as file:
                pdf.add_font(FAMILY, style, file)
        pdf.set_font(FAMILY, size=BODY.size)
        self._fonts = {bold: cast("TTFFont", pdf.fonts[FAMILY + "B" * bold]) for bold in (0, 1)}
        for font in self._fonts.values():
            for table in UNUSED:
                del font.ttfont[table]
        self._readable = Readable(self._fonts[False].cmap.keys() & self._fonts[True].cmap.keys())
        self._em = cache(self._measured)
        self._marks: Counter[int] = Counter()
        self._piece: tuple[str, str | None] | None = None
        self._element: StructElem | None = None
        self._tongue = language
        self.y = TOP
        pdf.add_page()

    def heading(self, style: Style, *spans: Span, indent: float = 0.0) -> None:
        """A title, in the bookmarks too, never left alone at the foot of a page."""
        self.keep(_begun(style))
        level = {TITLE.tag: 0, PART.tag: 1, HEAD.tag: 2}[style.tag]
        name = self._readable.of(" ".join(s.text for s in spans))
        self._pdf.y = self.y
        self._pdf.start_section(name, level)
        bold = tuple(Span(s.text, True, s.link, s.language, s.ink or BRAND) for s in spans)
        self.text(style, *bold, indent=indent)

    def text(
        self,
        style: Style,
        *spans: Span,
        indent: float = 0.0,
        bar: str | None = None,
        share: int | None = None,
    ) -> None:
        """A paragraph, over as many pages as it needs, with a bar of that colour at its left.

        `share`: how much what it says weighs, from 0 to 100, drawn before it.
        """
        clean = [Span(self._readable.of(s.text), s.bold, s.link, s.language, s.ink) for s in spans]
        lines = wrapped(clean, WIDTH - indent, self._wide(style.size))
        if len(lines) <= WHOLE:
            self.keep(len(lines) * style.leading)
        if share is not None:
            self._weighed(share)
        start = self.y
        for line in lines:
            if self.y + style.leading > BOTTOM:
                self._barred(bar, indent, start)
                self._turn()
                start = self.y
            for run in line:
                self._write(run, style, LEFT + indent)
            self.y += style.leading
        self._end()
        self._barred(bar, indent, start)
        self.y += style.after

    def chip(self, text: str, ink: str, ground: str, beside: tuple[Span, ...]) -> None:
        """A few words on a coloured ground, then others beside it when they fit, else under it."""
        words = Span(self._readable.of(text), bold=True, ink=ink)
        wide = self._wide(SMALL.size)
        width = wide(words.text, True)
        if width > WIDTH - 14:
            self.text(CLOSE, words, *beside)
            return
        self.keep(20)
        with self._artifact():
            self._pdf.set_fill_color(ground)
            self._pdf.rect(LEFT, self.y, width + 14, 16, "F", round_corners=True, corner_radius=7)
        top = self.y
        self.y = top + 1.5
        self._write(Run(words.text, words, 7, width), SMALL, LEFT)
        self._end()
        room = WIDTH - width - 24
        fits = sum(wide(self._readable.of(s.text), s.bold) for s in beside) <= room
        if beside and fits:
            self.text(SMALL, *beside, indent=width + 24)
        self.y = top + 20
        if beside and not fits:
            self.text(SMALL, *beside)

    def number(self, count: int) -> None:
        """A number in a disc, at the left of the title that is written next."""
        self.keep(_begun(HEAD))
        wide = self._wide(HEAD.size)
        said = str(count)
        with self._artifact():
            self._pdf.set_fill_color(BRAND)
            self._pdf.circle(LEFT + 10, self.y + 8, 10, style="F")
        run = Span(said, bold=True, ink="#ffffff")
        width = wide(said, True)
        self._write(Run(said, run, 10 - width / 2, width), HEAD, LEFT, tag="P")
        self._end()

    def rule(self, colour: str = LINE) -> None:
        """A thin line across the page."""
        with self._artifact():
            self._pdf.set_draw_color(colour)
            self._pdf.line(LEFT, self.y, LEFT + WIDTH, self.y)
        self.y += 9

    def space(self, height: float) -> None:
        self.y += height

    def keep(self, height: float) -> None:
        """Turn the page unless there is that much room on this one."""
        if self.y + height > BOTTOM:
            self._turn()

    def finished(self, foot: str, page_of: str) -> bytes:
        """The bytes of the paper, `foot` under each page; `page_of` says {page} and {pages}."""
        pdf, count = self._pdf, self._pdf.pages_count
        wide = self._wide(SMALL.size)
        said = self._readable.of(foot)
        for page in range(1, count + 1):
            pdf.page = page
            pdf.current_font_is_set_on_page = False
            number = self._readable.of(page_of.format(page=page, pages=count))
            with self._artifact():
                pdf.set_font(FAMILY, size=SMALL.size)
                pdf.set_text_color(SOFT)
                pdf.text(LEFT, FOOT, said)
                pdf.text(LEFT + WIDTH - wide(number, False), FOOT, number)
        return bytes(pdf.output())

    def _turn(self) -> None:
        self._end()
        self._pdf.add_page()
        self.y = TOP

    def _wide(self, size: float) -> Wide:
        return lambda text, bold: self._em(text, bold) * size

    def _measured(self, text: str, bold: bool) -> float:
        """How wide a text is, for a letter of one point."""
        return sum(self._fonts[bold].cw[ord(letter)] for letter in text) / 1000

    def _write(self, run: Run, style: Style, x: float, tag: str = "") -> None:
        """One run of a line, whose top is where the paper is."""
        pdf, span = self._pdf, run.span
        base = self.y + 0.5 * style.leading + 0.35 * style.size
        self._begin("Link" if span.link else tag or style.tag, span)
        pdf.set_font(FAMILY, "B" if span.bold else "", style.size)
        pdf.set_text_color(span.ink or (LINK if span.link else style.ink))
        pdf.underline = bool(span.link)
        pdf.text(x + run.x, base, run.text)
        pdf.underline = False
        if span.link:
            pdf.link(x + run.x, self.y, run.width, style.leading, span.link)

    def _begin(self, tag: str, span: Span) -> None:
        """Go on with what is being said, or begin another piece of the logical structure.

        A piece in two languages is one element of the structure, marked in as many sequences.
        """
        piece, language = (tag, span.link), span.language or self._language
        if self._piece == piece and self._tongue == language:
            return
        element = self._element if self._piece == piece else None
        self._end()
        page = self._pdf.page
        mark = self._marks[page]
        self._marks[page] += 1
        if element is None:
            element = self._pdf._add_marked_content(struct_type=f"/{tag}", mcid=mark)
        else:
            element.k.append(mark)
            tree = self._pdf.struct_builder
            parents = tree.struct_tree_root.parent_tree.nums[tree.spid_per_page_number[page]]
            parents.append(element)
        said = f"/Lang ({language}) " if language != self._language else ""
        self._out(f"/{'Span' if said else tag} <<{said}/MCID {mark}>> BDC")
        self._piece, self._tongue, self._element = piece, language, element

    def _end(self) -> None:
        if self._piece is not None:
            self._out("EMC")
            self._piece = None

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        """What is drawn and not read."""
        self._end()
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def _barred(self, colour: str | None, indent: float, start: float) -> None:
        if colour is not None and self.y > start:
            with self._artifact():
                self._pdf.set_fill_color(colour)
                self._pdf.rect(LEFT + indent - 10, start, 2.5, self.y - start, style="F")

    def _weighed(self, share: int) -> None:
        with self._artifact():
            for colour, width in ((LINE, 40.0), (BRAND, 0.4 * share)):
                self._pdf.set_fill_color(colour)
                self._pdf.rect(LEFT, self.y + 5, width, 5, style="F")

    def _out(self, operators: str) -> None:
        self._pdf._out(operators)


def _begun(style: Style) -> float:
    """The room that a title needs, with the first lines of what it is the title of."""
    return 2 * style.leading + 3 * BODY.leading
