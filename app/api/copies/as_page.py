"""A copy for people: one page that stands for itself, without scripts, everything escaped, in the reader's language."""

from collections.abc import AsyncIterator
from datetime import datetime
from html import escape

from app.api.copies.telling import Cell, cell_of, is_told, label, local, page_word, title, why
from app.api.reading.rights import CopyPage, CopySection, copy_sections

TABLE_COLUMNS_MAX = 8
_OF_NUMBERS = frozenset({"instalment", "loan_day", "posting"})  # wide, and still better read in lines
_LONG = frozenset(
    {
        "body",
        "text_sealed",
        "inputs_sealed",
        "from_report_sealed",
        "record_sealed",
        "sealed",
        "facts_sealed",
        "asked_sealed",
    }
)
_STYLE = """
:root{--ink:#1d2733;--soft:#5b6878;--line:#dfe4ea;--tint:#f5f7f9;--mark:#0b5cad}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:15px/1.55 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:0;padding-top:28px}
.soft{color:var(--soft);margin:2px 0 12px;overflow-wrap:anywhere}
nav{background:var(--tint);border:1px solid var(--line);border-radius:8px;padding:14px 20px;margin:20px 0 4px}
nav ol{columns:3;column-gap:28px;margin:8px 0 0;padding-left:22px}
nav li{break-inside:avoid}
a{color:var(--mark);text-decoration:none}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{background:var(--tint);font-weight:600;white-space:nowrap}
tr:last-child td{border-bottom:0}
td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.t{white-space:nowrap;font-variant-numeric:tabular-nums}
.card{border:1px solid var(--line);border-radius:8px;padding:10px 16px;margin:0 0 10px}
dl{display:grid;grid-template-columns:minmax(150px,230px) 1fr;gap:3px 16px;margin:0}
dt{color:var(--soft)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
td code{white-space:nowrap}
dd dl{font-size:14px;border-left:2px solid var(--line);padding-left:12px;margin:2px 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--tint);border-radius:6px;padding:10px 12px;margin:2px 0;
font:13px/1.55 system-ui,"Noto Sans SC",sans-serif;max-height:360px;overflow-y:auto}
code{font:12px/1.4 ui-monospace,Menlo,Consolas,monospace;color:var(--soft)}
.none{color:var(--soft);font-style:italic;margin:0}
footer{margin-top:40px;border-top:1px solid var(--line);padding-top:12px;color:var(--soft)}
@media(max-width:700px){nav ol{columns:1}dl{grid-template-columns:1fr}dt{padding-top:4px}main{padding:20px 14px}}
@media print{nav{display:none}pre{max-height:none}.card,tr{break-inside:avoid}}
"""


async def as_page(
    pages: AsyncIterator[CopyPage], customer: str, made_at: datetime, language: str
) -> AsyncIterator[str]:
    """The page, piece by piece. It is whole when it ends with its footer."""
    yield _head(customer, made_at, language)
    found = 0
    async for page in pages:
        if page.is_first:
            found = 0
            yield _opening(page.section, language)
        if page.rows and not found:
            yield _begin(page.section, language)
        found += len(page.rows)
        yield "".join(_row(page.section, row, language) for row in page.rows)
        if page.is_last:
            yield _end(page.section, language, found)
    yield f"<footer>{escape(page_word(language, 'end'))}</footer></main></body></html>\n"


def _head(customer: str, made_at: datetime, language: str) -> str:
    names = [table.name for table in copy_sections()] + ["consent_wording", "profile"]
    links = "".join(f'<li><a href="#{escape(name)}">{escape(title(language, name))}</a></li>' for name in names)
    heading, contents = escape(page_word(language, "title")), escape(page_word(language, "contents"))
    told = escape(page_word(language, "made", at=local(made_at), customer=customer))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{heading}</title><style>{_STYLE}</style></head><body><main><h1>{heading}</h1>"
        f'<p class="soft">{told}</p><p>{escape(page_word(language, "intro"))}</p>'
        f"<nav><strong>{contents}</strong><ol>{links}</ol></nav>"
    )


def _opening(section: CopySection, language: str) -> str:
    name = escape(section.name)
    reason = escape(why(language, section.name, section.purpose))
    return f'<section id="{name}"><h2>{escape(title(language, section.name))}</h2><p class="soft">{reason}</p>'


def _columns(section: CopySection) -> list[str]:
    return [name for name in section.columns if is_told(name)]


def _is_table(section: CopySection) -> bool:
    columns = _columns(section)
    return section.name in _OF_NUMBERS or (len(columns) <= TABLE_COLUMNS_MAX and not _LONG & set(columns))


def _begin(section: CopySection, language: str) -> str:
    if not _is_table(section):
        return ""
    heads = "".join(
        f'<th title="{escape(section.columns[name])}">{escape(label(language, name))}</th>'
        for name in _columns(section)
    )
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'


def _row(section: CopySection, row: dict[str, object], language: str) -> str:
    if _is_table(section):
        cells = [cell_of(language, section.name, name, row[name], row) for name in _columns(section)]
        return f"<tr>{''.join(_td(cell) for cell in cells)}</tr>"
    told = [(name, row[name]) for name in _columns(section) if row[name] is not None and row[name] != ""]
    lines = "".join(
        f"<dt>{escape(label(language, name))}</dt><dd>{cell_of(language, section.name, name, value, row).html}</dd>"
        for name, value in told
    )
    return f'<div class="card"><dl>{lines}</dl></div>'


def _td(cell: Cell) -> str:
    return f'<td class="{cell.kind}">{cell.html}</td>' if cell.kind else f"<td>{cell.html}</td>"


def _end(section: CopySection, language: str, found: int) -> str:
    if not found:
        return f'<p class="none">{escape(page_word(language, "none"))}</p></section>'
    return "</tbody></table></div></section>" if _is_table(section) else "</section>"
