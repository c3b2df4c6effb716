"""The page of a report, README.md, rendered from report.json; shares are shown in %."""

from __future__ import annotations

from collections.abc import Iterable

from .charts import LABEL_SETS, VARIANTS

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
GROUPS = {
    "all": "all faces",
    "clear": "faces with a majority for an expression (FER+)",
    "divided": "faces without agreement",
    "cannotTell": "majority for unknown or not a face",
}
HOW_TO_READ = """\
## How to read this page

- Nothing is fitted to the test side (FER-2013's PublicTest). But its figures were known when the recipe and the
  operating point of a network that answers for people were chosen, so they may be slightly too good.
- One pass over each face, no test-time augmentation. *Accuracy*, *precision*, *recall* and *F1* are in %; F1 is the
  harmonic mean of precision and recall, *macro* the plain mean over the classes, *balanced accuracy* the mean recall.
- [low, high] is the 95 % confidence interval of a percentile bootstrap over the faces ({resamples} resamples, seed
  {seed}). It covers the choice of faces of the same kind, not faces of another kind. The difference of two files is
  paired (both see the same resampled faces); an interval without 0 is more than chance.
- *What people say* is the question that the device answers: what would most people say that this face shows? Ten people
  voted on each face (FER+). Strict majority: single votes do not count, and the winner needs more than half of the
  others. Faces without a majority, or with one for unknown, not a face or contempt, are excluded. *FER-2013's labels*
  are another target, for comparison with other publications. The two agree on about two thirds of the faces.
- *Without copies*: without the test faces whose exact pixels are also in the Training split. The training side excludes
  them, so they give no advantage here; figures published elsewhere include them. *Without near-copies*: also without
  faces that show the same photograph as a training face, saved again or lightened (see `results/data`).
- *ECE*: expected calibration error, {bins} equally wide bins of the top probability. Probabilities are softmax(logits /
  temperature); *fitted*: the temperature fitted on the validation side, used for all other figures of
  probabilities{own}; *card*: the temperature of the device. *Brier score*: 0 is perfect, 2 the worst. *NLL*: negative
  log-likelihood, nats.
- *Coverage*: the share of answered faces, if the least confident ones get no answer. The *area* under accuracy over
  coverage is 1 if no answer is wrong.
- The labels describe which apparent expression people saw in a picture, not what the person felt.
"""


def render_page(report: dict, charts: dict[str, list[str]]) -> str:
    """Render the page; `charts` are the file names that `draw_charts` returns."""
    faces = report["faces"]
    names = ", ".join(f"`{file['file']}`" for file in report["files"])
    copies = f", {faces['copies']} of them exact copies of Training faces" if faces["copies"] else ""
    parts = [
        f"# Report: {report['preset']}\n",
        f"Accuracy of {names} on {faces['reported']:,} faces of the {report['side']} side"
        f"{copies}. Written by `python -m mien_training.report`; all figures, and more, are in "
        "[report.json](report.json).\n",
        "## Results\n",
        render_comparison(report),
        *[_show(chart) for chart in charts[""]],
        _render_cost(report),
        _render_precisions(report),
    ]
    parts += [_render_file(file, charts[file["file"]]) for file in report["files"]]
    own = "" if report["side"] != "validation" else " (here on the reported faces themselves, so they are too good)"
    bins = report["files"][0]["targets"]["fer2013"]["all"]["reliability"]["bins"]
    parts.append(HOW_TO_READ.format(**report["bootstrap"], bins=bins, own=own))
    return "\n".join(part for part in parts if part)


def render_comparison(report: dict) -> str:
    """All files side by side per label set, and their differences, with confidence intervals; Markdown."""
    parts = []
    for key in LABEL_SETS:
        files = [file for file in report["files"] if key in file["targets"]]
        if not files:
            continue
        rows = [
            [file["file"], f"`{target['head']}`", VARIANTS[variant], str(scores["n"]), *_summarise(scores)]
            for file in files
            for target in [file["targets"][key]]
            for variant in VARIANTS
            if (scores := target.get(variant))
        ]
        header = ["file", "head", "over", "faces", "accuracy", "macro-F1", "balanced accuracy", "ECE"]
        parts.append(f"### {_describe_labels(key)}\n\n{_table(header, rows)}")
        pairs = [pair for pair in report["comparisons"] if key in pair["targets"]]
        if pairs:
            parts.append(_render_differences(pairs, key))
    return "\n".join(parts)


def _describe_labels(key: str) -> str:
    return {"people": "What people say (FER+'s strict majority)", "fer2013": "FER-2013's labels"}[key]


def _summarise(scores: dict) -> list[str]:
    intervals = scores["intervals"]
    return [
        f"**{_percent(scores['accuracy'])}** {_span(intervals['accuracy'])}",
        f"{_percent(scores['macroF1'])} {_span(intervals['macroF1'])}",
        _percent(scores["balancedAccuracy"]),
        f"{scores['calibrationError']['fitted']:.3f}",
    ]


def _render_differences(pairs: list[dict], key: str) -> str:
    rows = []
    for pair in pairs:
        for variant, name in VARIANTS.items():
            found = pair["targets"][key].get(variant)
            if found:
                gaps = [
                    f"{_signed(found[k]['difference'])} {_span(found[k]['interval'])}" for k in ("accuracy", "macroF1")
                ]
                right = [str(found["onlySecondRight"]), str(found["onlyFirstRight"])]
                rows.append([f"{pair['second']} minus {pair['first']}", name, *gaps, *right])
    header = ["difference in points", "over", "accuracy", "macro-F1", "right in the one alone", "in the other alone"]
    return _table(header, rows)


def _render_cost(report: dict) -> str:
    rows = [
        [
            file["file"],
            f"{file['bytes']:,}",
            f"{file['parameters']:,}",
            f"{file['latency']['medianMs']:.2f}",
            f"{file['latency']['p95Ms']:.2f}",
            f"{file['latency']['ratio']:.2f}",
        ]
        for file in report["files"]
    ]
    machine, runs = report["machine"], report["files"][0]["latency"]["runs"]
    header = ["file", "bytes", "parameters", "median ms", "95th percentile ms", "median to the first file's"]
    return (
        "## Size and speed\n\n"
        f"One face at a time on one thread, {runs} runs after warm-up, ONNX Runtime {machine['onnxruntime']} on "
        f"{machine['processor']} ({machine['architecture']}). The times depend on its load. The files "
        f"took turns, so their ratio is more reliable.\n\n{_table(header, rows)}"
    )


def _render_precisions(report: dict) -> str:
    rows = [
        [
            f"{pair['int8']} against {pair['fp32']}",
            _describe_labels(key),
            _percent(found["equalLabels"], 2),
            f"{found['largestProbabilityDifference']:.3f}",
            f"{found['meanLargestProbabilityDifference']:.4f}",
        ]
        for pair in report["precisions"]
        for key, found in pair["targets"].items()
    ]
    header = ["files", "classes of", "equal labels, %", "largest difference of a probability", "mean over the faces"]
    return f"## int8 against fp32\n\n{_table(header, rows)}" if rows else ""


def _render_file(file: dict, charts: list[str]) -> str:
    parts = [f"## {file['file']}\n", *[_show(chart) for chart in charts]]
    for target in file["targets"].values():
        parts.append(f"### {target['title']}\n\nOutput `{target['head']}` of `{file['file']}`, in %:\n")
        parts.append(_render_classes(target))
        parts.append(_render_probabilities(target))
        parts.append(_render_counts(target))
    if "sensitivity" in file:
        parts.append(_render_sensitivity(file["sensitivity"]))
    if "rejection" in file:
        parts.append(_render_rejection(file["rejection"]))
    return "\n".join(parts)


def _render_classes(target: dict) -> str:
    variants = [variant for variant in VARIANTS if variant in target]
    header = ["class"]
    for variant in variants:
        suffix = "" if variant == "all" else f", {VARIANTS[variant]}"
        header += [f"faces{suffix}", "precision", "recall", "F1"]
    rows = []
    for name in target["classes"]:
        row = [name]
        for scores in (target[variant] for variant in variants):
            recall = f"{_percent(scores['recall'][name])} {_span(scores['intervals']['recall'][name])}"
            row += [
                str(scores["faces"][name]),
                _percent(scores["precision"][name]),
                recall,
                _percent(scores["f1"][name]),
            ]
        rows.append(row)
    means = ["**macro**"]
    for scores in (target[variant] for variant in variants):
        f1 = f"{_percent(scores['macroF1'])} {_span(scores['intervals']['macroF1'])}"
        means += [str(scores["n"]), _percent(scores["macroPrecision"]), _percent(scores["macroRecall"]), f1]
    return _table(header, [*rows, means])


def _render_probabilities(target: dict) -> str:
    rows = []
    for variant, name in VARIANTS.items():
        if variant in target:
            scores = target[variant]
            errors = [f"{scores['calibrationError'][k]:.3f}" for k in ("uncalibrated", *target["temperature"])]
            quality = [f"{scores['brier']:.3f}", f"{scores['negativeLogLikelihood']:.3f}"]
            curve = scores["coverage"]
            at = [_percent(curve["accuracy"][round(share * curve["steps"]) - 1]) for share in COVERAGES]
            rows.append([name, *errors, *quality, f"{curve['area']:.3f}", *at])
    header = ["over", "ECE, T = 1", *(f"ECE, T = {value} ({key})" for key, value in target["temperature"].items())]
    header += [
        "Brier score",
        "NLL",
        "area",
        *(f"accuracy at {share:.0%}" if share == 1 else f"at {share:.0%}" for share in COVERAGES),
    ]
    text = _table(header, rows)
    if "uncertain" in target:
        found = target["uncertain"]
        others = "none are left" if found["accuracyOfOthers"] is None else f"{_percent(found['accuracyOfOthers'])} %"
        text += (
            f"\nBelow a probability of {found['below']} the device says `uncertain`: for {_percent(found['share'])} % "
            f"of the faces. Accuracy of the others: {others}.\n"
        )
    return text


def _render_counts(target: dict) -> str:
    classes, counts = target["classes"], target["all"]["confusion"]
    rows = [[f"**{name}**", *map(str, row)] for name, row in zip(classes, counts, strict=True)]
    return f"Counts of all faces; rows are labels, columns are predictions:\n\n{_table(['', *classes], rows)}"


SENSITIVITY = """\
### The operating point: calm, balanced or expressive

Most people in front of a kiosk look neutral, and calling a neutral face angry, disgust, fear or sad is the worst
mistake. So each point reaches a given recall of neutral on the validation side. `balanced` is part of the weights.
*Neutral, called unpleasant*: neutral faces with one of these four labels. *And shown*: those that reach the minimum
probability of a label, so that the device shows it. *Not shown*: all faces below that probability. In %:

"""


def _render_sensitivity(found: dict) -> str:
    header = ["faces", "point", "right", "mean recall", "recall of neutral", "neutral, called unpleasant", "and shown"]
    header += ["not shown", "right of the shown"]
    keys = ("accuracy", "macroRecall", "neutralRecall", "calmUnpleasant", "calmNamedUnpleasant", "uncertain")

    def line(side: str, name: str, values: dict) -> list[str]:
        return [side, name, *(_percent(values[key]) for key in (*keys, "accuracyOfNamed"))]

    rows = [line(side, name, v) for side, choice in found.items() for name, v in choice["points"].items()]
    curve = [line(side, "", values) for side, choice in found.items() for values in choice["curve"]]
    title = "\nThe curve along the offset of neutral, at the minimum probability of `balanced`:\n\n"
    return SENSITIVITY + _table(header, rows) + title + _table(header, curve)


def _render_rejection(found: dict) -> str:
    rows = [
        [GROUPS[key], str(group["n"]), _percent(group["rejected"])]
        for key, group in found["faces"].items()
        if group["n"]
    ]
    text = ""
    if "negatives" in found:
        group = found["negatives"]
        rows.append(["pictures without a face", str(group["n"]), _percent(group["rejected"])])
        text = f"\nA picture without a face ranks above a face in {_percent(found['rankedRight'])} % of the pairs.\n"
    header = ["pictures", "count", "rejected, %"]
    return f"### Not a face, or cannot tell\n\nRejected above {found['threshold']}:\n\n{_table(header, rows)}{text}"


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _show(chart: str) -> str:
    return f"![{chart.removesuffix('.png')}]({chart})\n"


def _percent(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f}"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _span(interval: list[float | None]) -> str:
    return f"[{_percent(interval[0])}, {_percent(interval[1])}]"
