"""What ``run`` and ``simulate`` have in common at their end: summary, pictures, the result in words."""

from __future__ import annotations

from dcpg_ros.agent.metrics import merge_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.scenario import Scenario

STOPPED = 130


def finish(scenario: Scenario, folder: RunFolder) -> int:
    """Judges the run, writes summary.json, draws, and tells; 0 if the run is finished, else 130."""
    # matplotlib is imported only now, so that a long run does not carry it.
    from dcpg_ros.analysis.pictures import draw
    from dcpg_ros.analysis.results import load_results
    from dcpg_ros.analysis.summary import in_words, summarise, write_summary

    merge_metrics(folder, scenario.agents)
    results = load_results(scenario, folder)
    summary = summarise(results)
    write_summary(folder, summary)
    pictures = draw(results, folder)
    print(in_words(results, summary))
    print(f"Pictures: {', '.join(str(path) for path in pictures)}")
    if not summary["finished"]:
        print(f"Go on with: --resume {folder.path}")
        return STOPPED
    return 0
