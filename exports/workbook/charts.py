"""The two native charts of the summary. They refer to cells of a sheet and keep a copy of what stands there.

The copy is what viewers show that do not read the cells; openpyxl leaves it out, so it is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl.chart import BarChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import get_column_letter, quote_sheetname

from exports.tables import Value
from exports.workbook import styles
from exports.workbook.cells import escape

_POINT: Final = 12_700  # English metric units, in which drawings measure lines.
_NARROW: Final = 0.07  # Share of a bar.
_HUNDREDTHS: Final = 100  # Drawings measure type in hundredths of a point.


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one column and what they hold: what a chart reads, and its copy of it."""

    sheet: str
    column: int
    first: int
    values: Sequence[Value]  # in a column of numbers, words and None stand for "no number here"

    @property
    def reference(self) -> str:
        letter = get_column_letter(self.column)
        last = self.first + len(self.values) - 1
        start = f"{quote_sheetname(self.sheet)}!${letter}${self.first}"
        return start if len(self.values) == 1 else f"{start}:${letter}${last}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One kind of answer in a stacked bar: its name, its shares, its colours."""

    name: Cells
    shares: Cells
    fill: str
    ink: str
    line: str = styles.WHITE


def scores_with_intervals(
    *, title: str, names: Cells, scores: Cells, minus: Cells, plus: Cells, axis: str, category_axis: str
) -> BarChart:
    """Horizontal bars of scores from 0 to 100, in the order of the rows, with custom error bars.

    minus, plus: how far the interval reaches below and above each score.
    """
    series = Series(val=_numbers(scores), cat=_texts(names), idx=0, order=0)
    series.tx = SeriesLabel(v=escape(axis))
    series.spPr = _fill(styles.BAR, line=styles.LINE_2)
    series.invertIfNegative = False
    series.errBars = ErrorBars(
        errBarType="both", errValType="cust", noEndCap=False, plus=_numbers(plus), minus=_numbers(minus)
    )
    series.errBars.spPr = GraphicalProperties(ln=LineProperties(solidFill=styles.INK, w=_POINT))
    chart = _bars(title, axis=axis, category_axis=category_axis)
    chart.series.append(series)
    chart.gapWidth = 45
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.majorUnit = 0, 100, 20
    chart.y_axis.number_format = "0"
    chart.legend = None
    return chart


def answers_stacked(*, title: str, names: Cells, answers: Sequence[Answer], axis: str, category_axis: str) -> BarChart:
    """Horizontal bars of equal length, divided by kind of answer, with the share written in each part."""
    chart = _bars(title, axis=axis, category_axis=category_axis)
    chart.grouping, chart.overlap, chart.gapWidth = "percentStacked", 100, 35
    for position, answer in enumerate(answers):
        series = Series(val=_numbers(answer.shares, "0%"), cat=_texts(names), idx=position, order=position)
        series.tx = SeriesLabel(strRef=_texts(answer.name).strRef)
        series.spPr = _fill(answer.fill, line=answer.line)
        series.invertIfNegative = False
        series.dLbls = DataLabelList(
            showVal=True,
            showSerName=False,
            showCatName=False,
            showLegendKey=False,
            showPercent=False,
            showBubbleSize=False,
            numFmt="0%",
            txPr=_type(8, ink=answer.ink),
            # A narrow part has no room for its number; it stands in the table.
            dLbl=[_unlabelled(place) for place, share in _found(answer.shares) if share < _NARROW],
        )
        chart.series.append(series)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.majorUnit = 0, 1, 0.2
    chart.y_axis.number_format = "0%"
    chart.legend.position = "b"
    chart.legend.txPr = _type(9, ink=styles.INK)
    return chart


def _bars(title: str, *, axis: str, category_axis: str) -> BarChart:
    chart = BarChart()
    chart.type, chart.style, chart.roundedCorners = "bar", None, False
    chart.title = _title(title, size=12, bold=True, ink=styles.INK)
    chart.graphical_properties = GraphicalProperties(solidFill=styles.WHITE, ln=LineProperties(noFill=True))
    for line, name in ((chart.x_axis, category_axis), (chart.y_axis, axis)):
        line.delete = False  # openpyxl's charts have no axes unless told.
        line.title = _title(name, size=9, bold=False, ink=styles.INK_2)
        line.txPr = _type(9, ink=styles.INK)
        line.spPr = GraphicalProperties(ln=LineProperties(solidFill=styles.LINE_2, w=_POINT // 2))
        line.majorTickMark = line.minorTickMark = "none"
    chart.x_axis.scaling.orientation = "maxMin"  # The first row of the table is the topmost bar.
    chart.x_axis.tickLblSkip = 1  # Every bar has its name, however close the names stand.
    chart.x_axis.txPr = _type(8, ink=styles.INK)
    chart.x_axis.majorGridlines = None
    hairline = GraphicalProperties(ln=LineProperties(solidFill=styles.LINE, w=_POINT // 2))
    chart.y_axis.majorGridlines = ChartLines(spPr=hairline)
    chart.y_axis.crosses = "max"  # With the order turned round, the values stand below and not on top.
    return chart


def place_plot(chart: BarChart, *, left: float, top: float, width: float, height: float) -> None:
    """Give the bars their place in the frame, as parts of its size: names of any length keep the room they need."""
    chart.layout = Layout(
        manualLayout=ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=left, y=top, w=width, h=height)
    )


def _numbers(cells: Cells, number_format: str = "General") -> NumDataSource:
    values = [NumVal(idx=position, v=repr(value)) for position, value in _found(cells)]
    copy = NumData(formatCode=number_format, ptCount=len(cells.values), pt=values)
    return NumDataSource(numRef=NumRef(f=cells.reference, numCache=copy))


def _texts(cells: Cells) -> AxDataSource:
    values = [StrVal(idx=position, v=escape(str(value))) for position, value in enumerate(cells.values)]
    return AxDataSource(strRef=StrRef(f=cells.reference, strCache=StrData(ptCount=len(values), pt=values)))


def _found(cells: Cells) -> list[tuple[int, float]]:
    """The numbers among the values, with their positions."""
    return [(position, value) for position, value in enumerate(cells.values) if isinstance(value, float)]


def _unlabelled(position: int) -> DataLabel:
    return DataLabel(
        idx=position,
        showVal=False,
        showSerName=False,
        showCatName=False,
        showLegendKey=False,
        showPercent=False,
        showBubbleSize=False,
    )


def _fill(colour: str, *, line: str) -> GraphicalProperties:
    return GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=line, w=_POINT // 2))


def _characters(size: float, *, bold: bool, ink: str) -> CharacterProperties:
    return CharacterProperties(sz=int(size * _HUNDREDTHS), b=bold, solidFill=ink, latin=Font(typeface=styles.FACE))


def _type(size: float, *, ink: str) -> RichText:
    properties = ParagraphProperties(defRPr=_characters(size, bold=False, ink=ink))
    return RichText(bodyPr=RichTextProperties(), p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties())])


def _title(text: str, *, size: float, bold: bool, ink: str) -> Title:
    characters = _characters(size, bold=bold, ink=ink)
    run = RegularTextRun(rPr=characters, t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=characters), r=[run])
    return Title(tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph])), overlay=False)
