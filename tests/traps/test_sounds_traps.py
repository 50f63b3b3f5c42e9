"""Known ways to miscount logs of speech and pictures: the true total by hand, and what the naive sum would be."""

from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows
from support import spend, write

Line = dict[str, Any]
AT = "2026-10-01T08:00:00Z"
HEARD = "conversation.item.input_audio_transcription.completed"


def event(kind: str, **fields: Any) -> Line:
    """An event of a Realtime session, with the time that a logger adds."""
    return {"ts": AT, "type": kind, "event_id": f"event_{kind}", **fields}


def session(model: str | None, hearing: str | None = None) -> Line:
    told = {
        "id": f"sess_{model}",
        "model": model,
        "audio": {"input": {"transcription": hearing and {"model": hearing}}},
    }
    return event("session.updated", session=told)


def response(number: int, usage: Line | None, **fields: Any) -> Line:
    return {"object": "realtime.response", "id": f"resp_{number:021}", "status": "completed", "usage": usage} | fields


def usage(text: int, audio: int, written: int, spoken: int) -> Line:
    return {
        "input_tokens": text + audio, "output_tokens": written + spoken, "total_tokens": text + audio + written + spoken,
        "input_token_details": {"cached_tokens": 0, "text_tokens": text, "audio_tokens": audio},
        "output_token_details": {"text_tokens": written, "audio_tokens": spoken},
    }  # fmt: skip


def transcribed(number: int, audio: int, written: int) -> Line:
    used = {
        "type": "tokens", "input_tokens": audio, "output_tokens": written, "total_tokens": audio + written,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
    }  # fmt: skip
    return event(HEARD, item_id=f"item_{number:021}", content_index=0, transcript="CANARY", usage=used)


def test_a_response_is_one_call_whoever_logs_its_events(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The browser logs it from its beginning, the server beside it only its end: 100 tokens, not 200."""
    done = event("response.done", response=response(1, usage(100, 0, 10, 0)))
    browser = [
        session("gpt-realtime"),
        event("response.created", response=response(1, None, status="in_progress")),
        done,
    ]
    server = {"timestamp": AT, "event_type": "response.done", "event_data": done, "model": "gpt-realtime"}
    ledger, _ = load_logs(write(tmp_path / "browser.jsonl", *browser), write(tmp_path / "server.jsonl", server))
    assert counts(ledger) == {"records": 4, "requests": 1, "duplicates": 2, "skipped": 1, "rejected": 0}
    assert rows(ledger, "SELECT input_tokens, model FROM requests") == [(100, "gpt-realtime")]


def test_a_transcription_is_paid_beside_the_response_that_heard_the_same(load_logs: LoadLogs, tmp_path: Path) -> None:
    """What was said is read twice, by two models: 50 tokens each, and told again once: it is still two calls."""
    said = transcribed(1, 50, 8)
    log = [session("gpt-realtime", "gpt-4o-transcribe"), said, said,
           event("response.done", response=response(1, usage(0, 50, 0, 9)))]  # fmt: skip
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", *log))
    assert rows(ledger, "SELECT model, input_tokens, output_tokens FROM requests ORDER BY model") == [
        ("gpt-4o-transcribe", 50, 8),
        ("gpt-realtime", 50, 9),
    ]


def test_the_model_of_a_call_is_that_of_its_session(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Sessions one after the other in one log, and beside one another where the logger names them."""
    one, two = ({"session_id": name} for name in ("one", "two"))
    log = [
        session("gpt-realtime") | one,
        session("gpt-realtime-mini") | two,
        event("response.done", response=response(1, usage(1, 0, 1, 0))) | one,
        event("response.done", response=response(2, usage(2, 0, 1, 0))) | two,
        event("response.done", response=response(3, usage(3, 0, 1, 0))),
        session("gpt-realtime-2"),
        event("response.done", response=response(4, usage(4, 0, 1, 0))),
    ]
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", *log))
    assert rows(ledger, "SELECT input_tokens, model FROM requests ORDER BY input_tokens") == [
        (1, "gpt-realtime"), (2, "gpt-realtime-mini"), (3, "gpt-realtime-mini"), (4, "gpt-realtime-2"),
    ]  # fmt: skip


@pytest.mark.parametrize("with_responses", [True, False])
def test_the_model_that_is_set_is_not_that_of_another_call(
    with_responses: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """`--set model=` names the model of responses; where there are none, that of transcriptions."""
    log = [transcribed(1, 50, 8)]
    if with_responses:
        log += [event("response.done", response=response(1, usage(0, 60, 0, 9)))]
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", *log), given={"model": "my-model"})
    assert rows(ledger, "SELECT model, input_tokens FROM requests ORDER BY input_tokens") == (
        [("input-audio-transcription", 50), ("my-model", 60)] if with_responses else [("my-model", 50)]
    )


def test_speech_costs_what_speech_costs(tmp_path: Path) -> None:
    """gpt-realtime in 2026: text 4 in and 16 out, audio 32 in, 0.4 cached and 64 out, all per million."""
    used = usage(100, 50, 25, 75)
    used["input_token_details"] |= {
        "cached_tokens": 60,
        "cached_tokens_details": {"text_tokens": 20, "audio_tokens": 40},
    }
    log = write(tmp_path / "log.jsonl", session("gpt-realtime"), event("response.done", response=response(1, used)))
    by_hand = 80 * 4_000 + 20 * 400 + 10 * 32_000 + 40 * 400 + 25 * 16_000 + 75 * 64_000  # 1e-9 USD
    assert spend("analyze", log, "--no-report", "--json").document["totals"]["cost"] == f"0.{by_hand:09}".rstrip("0")


@pytest.mark.parametrize("own", ["usage", "response", "flat"])
def test_speech_in_a_record_of_one_s_own_is_no_text(own: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Who keeps `usage` alone has its audio told apart, too: else it would cost what text does, an eighth."""
    used = usage(100, 50, 25, 75)
    kept = {"usage": {"usage": used}, "response": {"response": {"usage": used}}, "flat": used}[own]
    ledger, outcome = load_logs(write(tmp_path / "log.jsonl", {"ts": AT, "model": "gpt-realtime", **kept}))
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    assert rows(ledger, "SELECT input_tokens, cache_read_tokens, apart FROM requests") == [
        (150, 0, {"input_audio": 50, "output_audio": 75})
    ]


def test_speech_that_a_chat_told_is_no_text_in_a_flat_record(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Its usage laid out in the record itself, as chat completions write it."""
    used = {"prompt_tokens": 60, "completion_tokens": 40, "prompt_tokens_details": {"audio_tokens": 50, "image_tokens": 5},
            "completion_tokens_details": {"audio_tokens": 30}}  # fmt: skip
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", {"ts": AT, "model": "gpt-audio", **used}))
    assert rows(ledger, "SELECT input_tokens, output_tokens, apart FROM requests") == [
        (60, 40, {"input_audio": 50, "input_image": 5, "output_audio": 30})
    ]


def test_what_langchain_says_of_the_cache_is_read(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Its `usage_metadata`, kept as `usage`: cached and written tokens inside, reasoning, too."""
    used = {
        "input_tokens": 350, "output_tokens": 240, "total_tokens": 590,
        "input_token_details": {"cache_creation": 200, "cache_read": 100}, "output_token_details": {"reasoning": 200},
    }  # fmt: skip
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", {"ts": AT, "model": "claude-haiku-4-5", "usage": used}))
    columns = "input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens"
    assert rows(ledger, f"SELECT {columns} FROM requests") == [(350, 100, 200, 240, 200)]


def test_pictures_cost_what_pictures_cost(tmp_path: Path) -> None:
    """gpt-image-1.5: text 5 in and 10 out, images 8 in and 32 out, per million; without their kinds all output is images."""
    edited = {"input_tokens": 230, "input_tokens_details": {"text_tokens": 30, "image_tokens": 200},
              "output_tokens": 300, "total_tokens": 530}  # fmt: skip
    told = edited | {"output_tokens_details": {"text_tokens": 28, "image_tokens": 272}}
    replies = [
        {"created": 1790000000 + n, "data": [{"b64_json": "iVBORw0KGgoCANARY"}], "usage": used}
        for n, used in enumerate([edited, told])
    ]
    log = write(tmp_path / "log.jsonl", *replies)
    by_hand = 2 * (30 * 5_000 + 200 * 8_000) + 300 * 32_000 + 28 * 10_000 + 272 * 32_000  # 1e-9 USD
    run = spend("analyze", log, "--no-report", "--json", "--set", "model=gpt-image-1.5")
    assert run.document["totals"]["cost"] == f"0.{by_hand:09}".rstrip("0")


def test_the_pieces_of_a_picture_s_stream_are_no_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three pictures arrive, each whole: one was asked for, and is paid once."""
    piece = {
        "type": "image_generation.partial_image",
        "created_at": 1790000000,
        "b64_json": "iVBORw0KGgoCANARY",
        "model": "gpt-image-2",
    }
    used = {"input_tokens": 50, "output_tokens": 1000, "total_tokens": 1050}
    done = piece | {"type": "image_generation.completed", "usage": used}
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", piece, piece, done))
    assert counts(ledger) == {"records": 3, "requests": 1, "duplicates": 0, "skipped": 2, "rejected": 0}


def test_how_long_a_transcribed_text_took_to_say_is_not_how_long_the_call_took(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    said = {"task": "transcribe", "duration": 3600.0, "text": "CANARY", "usage": {"type": "duration", "seconds": 3600}}
    own = {"ts": AT, "model": "whisper-1"}
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", own | said, own | {"duration": 7.5, "response": said}))
    assert rows(ledger, "SELECT CAST(completed_at - started_at AS VARCHAR), endpoint FROM requests ORDER BY 1 NULLS FIRST") == [
        (None, "/v1/audio/transcriptions"), ("00:00:07.5", "/v1/audio/transcriptions"),
    ]  # fmt: skip


DRAWN = {
    "id": "resp_AbCdEfGhIjKlMnOp", "object": "response", "created_at": 1790000000, "model": "gpt-5.4", "status": "completed",
    "output": [{"type": "image_generation_call", "result": "CANARY"}], "tools": [{"type": "image_generation", "model": "gpt-image-1.5"}],
    "usage": {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100},
    "tool_usage": {"image_gen": {"input_tokens": 30, "output_tokens": 300, "total_tokens": 330,
                                 "input_tokens_details": {"text_tokens": 20, "image_tokens": 10}}},
}  # fmt: skip
IN_LOGS = {
    "openai-responses": DRAWN,
    "openai-responses-events": {"type": "response.completed", "sequence_number": 1, "response": DRAWN},
    "openai-batch": {"id": "b", "custom_id": "c", "error": None, "response": {"status_code": 200, "body": DRAWN}},
    "openai-wrapped": {"ts": AT, "response": DRAWN},
}


@pytest.mark.parametrize("name", IN_LOGS)
def test_what_a_response_had_drawn_is_another_model_s_and_counts(
    name: str, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Of 1,430 tokens `usage` has 1,100: the picture is the dearer part. A poll tells of both again."""
    ledger, outcome = load_logs(write(tmp_path / "log.jsonl", IN_LOGS[name], IN_LOGS[name]))
    assert [loaded.format for loaded in outcome.loaded] == [name]
    assert counts(ledger) == {"records": 2, "requests": 1, "duplicates": 1, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT model, operation, input_tokens, output_tokens, apart FROM requests ORDER BY model") == [
        ("gpt-5.4", "responses", 1000, 100, None),
        ("gpt-image-1.5", "images", 30, 300, {"input_image": 10, "output_image": 300}),
    ]


def test_a_drawing_in_a_log_that_is_mostly_of_chat_completions_counts(load_logs: LoadLogs, tmp_path: Path) -> None:
    chat = {
        "object": "chat.completion", "created": 1790000000, "model": "gpt-5.4", "choices": [],
        "tools": [{"type": "function"}], "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
    }  # fmt: skip
    chats = [chat | {"id": f"chatcmpl-AbCdEfGhIjKlMnOpQr{number}"} for number in range(3)]
    ledger, outcome = load_logs(write(tmp_path / "log.jsonl", *chats, DRAWN, DRAWN))
    assert [loaded.format for loaded in outcome.loaded] == ["openai-chat"]
    assert counts(ledger) == {"records": 5, "requests": 4, "duplicates": 1, "skipped": 0, "rejected": 0}
    told = "SELECT model, operation, input_tokens, output_tokens, apart FROM requests WHERE model <> 'gpt-5.4' OR input_tokens > 7"
    assert rows(ledger, told) == [
        ("gpt-5.4", "responses", 1000, 100, None),
        ("gpt-image-1.5", "images", 30, 300, {"input_image": 10, "output_image": 300}),
    ]


def test_a_drawing_whose_counts_cannot_be_is_not_left_out(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The record is rejected as a whole: without the picture's tokens its total would be too small, and nothing would say so."""
    wrong = DRAWN | {"tool_usage": {"image_gen": {"input_tokens": 30, "output_tokens": 300, "total_tokens": 300}}}
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", wrong))
    assert counts(ledger) == {"records": 1, "requests": 0, "duplicates": 0, "skipped": 0, "rejected": 1}


@pytest.mark.parametrize("kept", [{"sequence_number": 7}, {"ts": AT}, {"ts": AT, "sequence_number": 7}])
def test_the_end_of_another_api_s_stream_is_no_piece_of_a_session(
    kept: Line, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Responses has events of the same names, whose `response.completed` is the call."""
    told = {"object": "response", "created_at": 1790000000, "model": "gpt-5.4", "usage": usage(9, 0, 5, 0)}
    begun, ended = told | {"id": "resp_AbCdEfGhIjKlMnOp", "usage": None}, told | {"id": "resp_AbCdEfGhIjKlMnOp"}
    log = [
        {"type": "response.created", "response": begun} | kept,
        {"type": "response.completed", "response": ended} | kept,
    ]
    ledger, outcome = load_logs(write(tmp_path / "log.jsonl", *log))
    assert "openai-realtime" not in {loaded.format for loaded in outcome.loaded}
    assert rows(ledger, "SELECT model, input_tokens FROM requests") == [("gpt-5.4", 9)]


OTHERS: list[Line] = [
    {"created": 1790000000, "data": [{"url": "CANARY"}], "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
    {"ts": AT, "task": "translate", "text": "CANARY", "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
    {"ts": AT, "type": "error", "event_id": "event-1", "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
]


@pytest.mark.parametrize("record", OTHERS)
def test_a_record_of_one_s_own_that_looks_a_little_like_it_stays_one(
    record: Line, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """An address of one's own is no picture, a translated text was none that was heard, an error of one's own is no session's."""
    ledger, outcome = load_logs(write(tmp_path / "log.jsonl", *[record | {"model": "gpt-5.4"}] * 2))
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests") == [(7, 5)] * 2


def test_what_is_no_event_of_a_session_is_not_passed_over(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Between events stands a call of another kind: it is rejected, and told, rather than skipped."""
    log = [session("gpt-realtime"), event("call.done", usage={"prompt_tokens": 7}), event("error", error={"code": "x"})]
    ledger, _ = load_logs(write(tmp_path / "log.jsonl", *log))
    assert counts(ledger) == {"records": 3, "requests": 0, "duplicates": 0, "skipped": 2, "rejected": 1}
