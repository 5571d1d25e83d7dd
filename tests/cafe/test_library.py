"""What our WebSockets rest on and the libraries keep to themselves: when one of these fails, read `adapter` anew."""

import inspect
from importlib.metadata import version

import engineio
import gevent.socket
import pytest
import socketio
from engineio.async_drivers import gevent as driver
from engineio.packet import Packet
from engineio.socket import Socket
from gevent.pywsgi import Input, WSGIHandler

from cafe.adapter import Adapter, Packets


@pytest.mark.parametrize(
    ("library", "known"),
    [
        ("python-engineio", "4.15.1"),
        ("python-socketio", "5.18.1"),
        ("Flask-SocketIO", "5.7.0"),
        ("gevent", "26.9.0"),
        ("gevent-websocket", "0.10.1"),
    ],
)
def test_the_versions_are_the_ones_that_were_read(library, known):
    assert version(library) == known


def signature(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_adapter_is_looked_up_made_and_called_as_ours_expects():
    assert {"websocket", "queue", "queue_empty", "sleep", "thread", "event"} <= set(driver._async)
    asked_for = inspect.getsource(Socket._upgrade_websocket)
    assert "self.server._async['websocket'](" in asked_for
    assert "self._websocket_handler, self.server)" in asked_for
    assert "ws(environ, start_response)" in asked_for
    assert signature(Adapter) == ["handler", "_server"]


def test_a_clients_queue_is_made_by_the_driver_and_holds_all_that_is_sent():
    assert "self._async['queue']" in inspect.getsource(engineio.Server.create_queue)
    assert "self.queue = self.server.create_queue()" in inspect.getsource(Socket.__mro__[1])
    assert "self.queue.put(pkt)" in inspect.getsource(Socket.send)
    assert "self.queue.put(None)" in inspect.getsource(Socket.close)
    for used in ("put", "get", "task_done", "join", "empty", "qsize"):
        assert callable(getattr(Packets, used))


def test_a_client_is_upgraded_before_its_websocket_is_read_for_packets():
    talk = inspect.getsource(Socket._websocket_handler)
    before, between, after = talk.partition("# start separate writer thread")
    assert before.count("self.upgraded = True") == 2
    assert "self.queue.put" not in between + after.partition("writer_task = ")[0].partition("def writer")[0]
    assert after.index("writer_task = ") < after.index("p = websocket_wait()")
    assert "self.upgraded" in inspect.getsource(Socket.handle_get_request)


def test_a_packet_is_encoded_as_text_and_may_carry_its_frame():
    packet = Packet(4, "2[]")
    assert packet.encode() == "42[]"
    packet.framed = b""


def test_socketio_hands_messages_over_and_takes_a_packet_class():
    server = socketio.Server(async_mode="threading", serializer=Packet)
    assert server.packet_class is Packet
    assert callable(server.eio.handlers["message"])
    assert signature(server.eio.handlers["message"]) == ["eio_sid", "data"]
    assert signature(server.manager.get_participants) == ["namespace", "room"]
    assert signature(server.manager.eio_sid_from_sid) == ["sid", "namespace"]
    assert signature(server.eio.send_packet) == ["sid", "pkt"]
    assert signature(Socket.close) == ["self", "wait", "abort", "reason"]
    assert server.eio.sockets == {}


def test_gevents_sockets_can_send_without_waiting():
    assert signature(gevent.socket.socket.send) == ["self", "data", "flags", "timeout"]


def test_the_handlers_methods_are_those_that_we_come_before():
    assert signature(WSGIHandler.read_requestline) == ["self"]
    assert signature(WSGIHandler.read_request) == ["self", "raw_requestline"]
    assert signature(WSGIHandler._sendall) == ["self", "data"]
    assert signature(Input._discard) == ["self"]
    assert "self.headers = self.MessageClass(self.rfile, 0)" in inspect.getsource(WSGIHandler.read_request)
    assert "self.wsgi_input._discard()" in inspect.getsource(WSGIHandler.handle_one_response)
