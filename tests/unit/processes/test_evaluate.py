"""The command `sluis evaluate privacy`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.processes.cli import main


class TestCommand:
    def _file(self, tmp_path: Path) -> str:
        text = "Geachte mevrouw Oosterhuis, uw pakket is onderweg."
        start = text.index("Oosterhuis")
        spans = [{"start": start, "end": start + 10, "type": "PERSON"}]
        row = {"id": "1", "lang": "nl", "text": text, "spans": spans, "level": "confidential"}
        file = tmp_path / "set.jsonl"
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        return str(file)

    def test_scores_as_json_and_as_a_file(self, tmp_path: Path) -> None:
        output = tmp_path / "scores.md"
        arguments = ["evaluate", "privacy", "--data", self._file(tmp_path), "--json"]
        done = CliRunner().invoke(main, [*arguments, "--errors", "--output", str(output)])
        assert done.exit_code == 0, done.output
        document = json.loads(done.stdout)
        assert document["f1"] == document["levels"]["accuracy"] == 1
        assert document["errors"] == []
        assert "| PERSON | 1 |" in output.read_text(encoding="utf-8")

    def test_counts_what_survives_among_neutral_sentences(self, tmp_path: Path) -> None:
        output = tmp_path / "scores.md"
        arguments = ["evaluate", "privacy", "--data", self._file(tmp_path), "--invariance"]
        done = CliRunner().invoke(main, [*arguments, "--json", "--output", str(output)])
        assert done.exit_code == 0, done.output
        kept = {"texts": 1, "spans": 1, "kept": 1, "levels_kept": 1}
        expected = dict.fromkeys(("1", "3", "6", "10", "20"), kept)
        assert json.loads(done.stdout)["invariance"] == expected
        assert "| 20 | 1/1 | 1/1 |" in output.read_text(encoding="utf-8")

    def test_one_line_of_spans_for_each_line_of_input(self) -> None:
        texts = ["Geachte mevrouw Oosterhuis,", "Niets te zien.", ""]
        lines = "".join(json.dumps({"id": "x", "text": t, "lang": "nl"}) + "\n" for t in texts)
        done = CliRunner().invoke(main, ["evaluate", "privacy", "--stdin"], input=lines)
        assert done.exit_code == 0, done.output
        assert [json.loads(line)["spans"] for line in done.stdout.splitlines()] == [
            [{"start": 16, "end": 26, "type": "PERSON"}],
            [],
            [],
        ]

    @pytest.mark.parametrize(
        ("arguments", "content", "message"),
        [
            ([], "", "Give either --data"),
            (["--stdin", "--invariance"], "", "needs --data"),
            (["--stdin"], "{}\n", "Line 1"),
            (["--stdin"], '{"text": 3}\n', "no string"),
        ],
    )
    def test_mistakes_are_reported(self, arguments: list[str], content: str, message: str) -> None:
        done = CliRunner().invoke(main, ["evaluate", "privacy", *arguments], input=content)
        assert done.exit_code != 0
        assert message in done.output

    def test_a_file_without_texts_is_refused(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.jsonl"
        empty.touch()
        done = CliRunner().invoke(main, ["evaluate", "privacy", "--data", str(empty)])
        assert done.exit_code == 1
        assert "no text" in done.output
