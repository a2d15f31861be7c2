"""`--no-skips`: a skipped test fails the run. Continuous integration uses it: there, everything can be had.

A test that is expected to fail, and does, is not a skipped one.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_configure(config: pytest.Config) -> None:
    on_a_worker = hasattr(config, "workerinput")
    if config.getoption("no_skips") and not on_a_worker:
        config.pluginmanager.register(Count(), "no-skips-count")


class Count:
    """What was skipped, gathered where the reports of all workers come together."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped, and --no-skips was given", red=True)
            for nodeid in self.skipped:
                terminalreporter.line(nodeid)
