"""`server run` as a process: several workers, commits beneath it, crowds, slow clients and its end."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from articles import ARTICLES, build_index, write_jsonl
from processes import SECONDS, Service, one_line, run, script, service, serving

TOKEN = "a-token-for-tests"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("process"))


@pytest.fixture(scope="module")
def two_workers(index: Path) -> Iterator[Service]:
    with service(index, "--workers", "2") as running:
        yield running


def get(url: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)
    try:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)


def received(connection: socket.socket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def children(process_id: int) -> list[int]:
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return [int(child) for child in text.split()]


# several workers


def test_commits_of_another_process_are_seen_without_a_failed_request(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    failures: list[Any] = []
    done = threading.Event()
    totals: set[int] = set()

    def ask(url: str) -> None:
        while not done.is_set():
            status, _, body = get(url, "/v1/search?facets=source,date&limit=100")
            document = json.loads(body)
            counted = sum(bucket["count"] for bucket in document["facets"]["date"]["buckets"])
            if (status, counted + document["facets"]["date"]["missing"]) != (200, document["total"]):
                failures.append(document)
            totals.add(document["total"])

    with service(path, "--workers", "2") as running:
        readers = [threading.Thread(target=ask, args=(running.url,)) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(3):
            more = tmp_path / f"{number}.jsonl"
            write_jsonl(more, tuple(article | {"id": f"{number}-{article['id']}"} for article in ARTICLES))
            assert run("indexer", "ingest", "--index", path, "--workers", "1", more).returncode == 0
        assert run("indexer", "optimize", "--index", path).returncode == 0
        assert run("indexer", "delete", "--index", path, "0-harbour-1").returncode == 0
        expected = 4 * len(ARTICLES) - 1
        assert {json.loads(get(running.url, "/v1/search")[2])["total"] for _ in range(20)} == {expected}
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert totals <= {n * len(ARTICLES) for n in range(1, 5)} | {expected}


def test_metrics_add_up_over_the_workers(two_workers: Service) -> None:
    def count() -> float:
        text = get(two_workers.url, "/metrics")[2].decode()
        line = re.search(r'^broadsheet_http_requests_total\{.*route="/v1/sources".*\} (\S+)$', text, re.M)
        return float(line[1]) if line else 0.0

    for _ in range(40):
        assert get(two_workers.url, "/v1/sources")[0] == 200
    assert {count() for _ in range(10)} == {40.0}


def test_the_rate_limit_holds_over_the_workers(index: Path) -> None:
    with service(index, "--workers", "2", "--rate-limit", "60") as running:
        answers = [get(running.url, "/v1/search?limit=0") for _ in range(14)]
    refused = [headers for status, headers, _ in answers if status == 429]
    assert 2 <= len(refused) <= 4
    assert all(int(headers["Retry-After"]) >= 1 for headers in refused)


def test_a_worker_that_dies_is_replaced(index: Path) -> None:
    with service(index, "--workers", "2") as running:
        while len(children(running.process.pid)) < 2:
            get(running.url, "/livez")
        (killed, other) = children(running.process.pid)
        os.kill(killed, signal.SIGKILL)
        while killed in (now := children(running.process.pid)) or len(now) < 2:
            assert get(running.url, "/livez")[0] == 200
        assert other in now
        assert get(running.url, "/v1/search")[0] == 200


# what the workers count together, in a temporary folder


def answered(url: str, route: str) -> float:
    found = re.search(rf'^broadsheet_http_requests_total\{{.*"{route}".*\}} (\S+)$', metrics(url), re.M)
    return float(found[1]) if found else 0.0


def metrics(url: str) -> str:
    status, _, body = get(url, "/metrics")
    assert status == 200
    return body.decode()


def counts(worker: int) -> bool:
    mapped = Path(f"/proc/{worker}/maps").read_text()
    return all(f"{kind}_{worker}.db" in mapped for kind in ("counter", "histogram"))


def test_a_service_outlives_its_temporary_folder(index: Path, tmp_path: Path) -> None:
    with service(index, "--workers", "2", env={"TMPDIR": str(tmp_path)}) as running:
        while len(workers := children(running.process.pid)) < 2 or not all(map(counts, workers)):
            get(running.url, "/livez")
        [folder] = tmp_path.glob("broadsheet-*")
        shutil.rmtree(folder)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            while worker in (now := children(running.process.pid)) or len(now) < 2:
                assert get(running.url, "/livez")[0] == 200
        for _ in range(20):
            assert get(running.url, "/v1/sources")[0] == 200
        assert answered(running.url, "/v1/sources") == 20


def test_systemd_leaves_the_temporary_folder_of_a_running_service_alone(index: Path, tmp_path: Path) -> None:
    with service(index, env={"TMPDIR": str(tmp_path)}):
        [folder] = tmp_path.glob("broadsheet-*")
        descriptor = os.open(folder, os.O_RDONLY)
        # See tmpfiles.d(5): it passes over a folder that it cannot lock.
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        os.close(descriptor)


def test_counters_have_their_disk_before_it_is_full(index: Path, tmp_path: Path) -> None:
    with service(index, env={"TMPDIR": str(tmp_path)}) as running:
        assert get(running.url, "/v1/sources")[0] == 200
        files = list(tmp_path.glob("*/*.db"))
        assert len(files) == 2
        assert all(file.stat().st_blocks * 512 >= file.stat().st_size > 0 for file in files)


def test_a_worker_without_disk_to_count_on_answers_and_counts_for_itself(index: Path) -> None:
    command = 'ulimit -f 16; exec "$0" "$@"'
    started = ["sh", "-c", command, script("server"), "run", "--port", "0", "--workers", "1", "--index", str(index)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split(" at ")[1].split()[0]
            for _ in range(3):
                assert get(url, "/v1/sources")[0] == 200
            assert answered(url, "/v1/sources") == 3
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=SECONDS)
    assert "metrics leave this worker out: File too large" in one_line(errors)


# writing


def test_articles_are_written_with_the_token_of_a_file_which_no_log_shows(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    (tmp_path / "token").write_text(TOKEN + "\n")
    with service(path, "--write-token-file", str(tmp_path / "token"), "--access-log") as running:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
        lines = b'{"id": "new", "title": "A storm of one"}\n{"id": "harbour-1"\n'
        with urlopen(Request(f"{running.url}/v1/articles", lines, headers)) as response:
            answers = [json.loads(line)["outcome"] for line in response]
        with urlopen(Request(f"{running.url}/v1/articles/new", headers=headers, method="DELETE")) as response:
            deleted = json.load(response)
        get(running.url, "/v1/search?q=secret", Authorization=f"Bearer {TOKEN}")
        running.process.send_signal(signal.SIGTERM)
        logged, errors = running.process.communicate(timeout=SECONDS)
    assert answers == ["added", "rejected"]
    assert deleted == {"deleted": 1}
    assert errors == ""
    entries = [json.loads(line) for line in logged.splitlines()]
    assert [(entry["method"], entry["route"], entry["status"]) for entry in entries] == [
        ("POST", "/v1/articles", 200),
        ("DELETE", "/v1/articles/{id}", 200),
        ("GET", "/v1/search", 200),
    ]
    assert all(entry["request_id"] and entry["ms"] > 0 for entry in entries)
    assert TOKEN not in logged
    assert "secret" not in logged


def test_a_log_that_nobody_reads_is_no_error(index: Path) -> None:
    with service(index, "--access-log") as running:
        assert running.process.stdout is not None
        assert running.process.stderr is not None
        running.process.stdout.close()
        assert {get(running.url, "/v1/search?limit=0")[0] for _ in range(3)} == {200}
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=SECONDS) == 0
        with running.process.stderr as errors:
            assert errors.read() == ""


# crowds and slow clients


def test_clients_that_send_nothing_or_little_keep_nobody_waiting(index: Path) -> None:
    with serving(index) as url, ExitStack() as open_connections:
        for number in range(40):
            slow = open_connections.enter_context(connected(url))
            slow.sendall((b"", b"GET /v1/se", b"POST /v1/search HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")[number % 3])
        assert get(url, "/v1/search?q=storm")[0] == 200


def test_a_request_may_come_in_pieces(index: Path) -> None:
    with serving(index) as url:
        body = b'{"q": "dividend"}'
        head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        with connected(url) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in range(len(head + body)):
                connection.sendall((head + body)[place : place + 1])
            answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["total"] == 2


def test_several_requests_at_once_on_one_connection_are_answered_in_order(index: Path) -> None:
    with serving(index) as url, connected(url) as connection:
        first = b"GET /v1/search?q=dividend HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(first * 3 + last[:20])
        connection.sendall(last[20:])
        answers = received(connection)
    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.count(b'"total":2') == 3
    assert answers.endswith(b'{"status":"live"}\n')


def test_a_chunked_body_is_read(index: Path) -> None:
    with serving(index) as url, connected(url) as connection:
        head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b'9\r\n{"q": "di\r\n')
        connection.sendall(b'8\r\nvidend"}\r\n0\r\n\r\n')
        assert b'"total":2' in received(connection)


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 150000", b""),
        (b"Transfer-Encoding: chunked", b"11170\r\n"),
        (b"Transfer-Encoding: chunked", b"no chunk\r\n"),
    ],
)
def test_of_an_upload_that_breaks_off_nothing_is_written(tmp_path: Path, framing: bytes, body: bytes) -> None:
    path = build_index(tmp_path)
    lines = b"".join(b'{"id": "%d", "title": "A storm of parts"}\n' % number for number in range(2000))
    head = b"POST /v1/articles HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %b\r\n%b\r\n\r\n"
    with serving(path, env={"BROADSHEET_WRITE_TOKEN": TOKEN}) as url:
        with connected(url) as connection:
            connection.sendall(head % (TOKEN.encode(), framing) + body + lines[:70_000])
            connection.shutdown(socket.SHUT_WR)
            answer = received(connection)
        total = json.loads(get(url, "/v1/search?limit=0")[2])["total"]
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad_request"
    assert total == len(ARTICLES)


def test_a_body_that_is_declared_too_large_is_called_so_though_it_does_not_arrive(index: Path) -> None:
    with serving(index) as url, connected(url) as connection:
        connection.sendall(b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n{")
        connection.shutdown(socket.SHUT_WR)
        assert received(connection).startswith(b"HTTP/1.1 413 ")


def test_a_crowd_is_turned_away_instead_of_queued_without_end(index: Path) -> None:
    """One worker is held still, asked by more clients than may wait, and let go again."""
    request = b"GET /v1/search?limit=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with service(index) as running, ExitStack() as open_connections:
        assert get(running.url, "/livez")[0] == 200
        (worker,) = children(running.process.pid)
        os.kill(worker, signal.SIGSTOP)
        crowd = [open_connections.enter_context(connected(running.url)) for _ in range(400)]
        for connection in crowd:
            connection.sendall(request)
        os.kill(worker, signal.SIGCONT)
        answers = [received(connection) for connection in crowd]
        assert get(running.url, "/v1/search?q=storm")[0] == 200
    statuses = [answer[9:12] for answer in answers]
    assert set(statuses) <= {b"200", b"503"}
    assert statuses.count(b"200") >= 4
    for answer in answers:
        if answer[9:12] == b"503":
            assert b"Retry-After: 1\r\n" in answer
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "overloaded"


# the end


def test_ctrl_c_while_workers_start_ends_without_a_word(index: Path) -> None:
    for _ in range(5):
        with service(index, "--workers", "2") as running:
            while not children(running.process.pid):
                pass
            running.process.send_signal(signal.SIGINT)
            _, errors = running.process.communicate(timeout=SECONDS)
        assert running.process.returncode == 0
        assert errors == ""


def test_ctrl_c_in_a_terminal_which_reaches_all_processes_ends_without_a_word(index: Path) -> None:
    with service(index, "--workers", "2") as running:
        assert get(running.url, "/readyz")[0] == 200
        for process_id in [*children(running.process.pid), running.process.pid]:
            os.kill(process_id, signal.SIGINT)
        _, errors = running.process.communicate(timeout=SECONDS)
    assert running.process.returncode == 0
    assert errors == ""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(index: Path, stop: signal.Signals) -> None:
    body = b'{"q": "dividend"}' + b" " * 100_000
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with service(index) as running, connected(running.url) as connection:
        # More than is read ahead, so that a thread has it.
        connection.sendall(head + body[:80_000])
        assert get(running.url, "/livez")[0] == 200
        running.process.send_signal(stop)
        connection.sendall(body[80_000:])
        answer = received(connection)
        _, errors = running.process.communicate(timeout=SECONDS)
    assert (running.process.returncode, errors) == (0, "")
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rate-limit", "many"), "--rate-limit: not a whole number"),
        (("--timeout-ms", "0"), "--timeout-ms: 0 is out of range"),
        (("--cors-origin", "news.example"), "--cors-origin: not an origin"),
    ],
)
def test_a_setting_that_cannot_be_is_wrong_usage(index: Path, options: tuple[str, ...], said: str) -> None:
    done = run("server", "run", "--index", index, *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: {said}")


def test_a_damaged_index_is_not_served(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    segment = max(path.glob("*.bsc"), key=lambda file: file.stat().st_size)
    content = segment.read_bytes()
    (path / "_MAIN_0.toc").unlink()  # else the commit before would be served, which is empty
    quarter = len(content) // 4
    segment.write_bytes(content[:quarter] + bytes(2 * quarter) + content[3 * quarter :])
    done = run("server", "run", "--port", "0", "--workers", "1", "--index", path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {segment}: ")


def test_a_variable_that_cannot_be_is_named(index: Path) -> None:
    done = run("server", "run", "--index", index, env={"BROADSHEET_WRITE_TOKEN": "two words"})
    assert done.returncode == 2
    assert done.stderr == "Error: BROADSHEET_WRITE_TOKEN: must be printable ASCII without spaces, and not empty\n"
