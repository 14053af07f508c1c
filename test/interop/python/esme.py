"""The far end of an interop test: an ESME made of the Python package smpplib.

Commands come as JSON objects, one a line, on stdin; what happens is told the same way on stdout.
The smaller sibling of test/interop/java/src/FarEnd.java.
"""

import json
import os
import select
import struct
import sys

from smpplib import client, consts, exceptions, smpp

# SMPP 3.4 §5.2.28 message_state, in the words of Appendix B.
STATES = ["SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"]
# SMPP 3.4 §5.2.12 esm_class, bits 5-2.
SMSC_RECEIPT = 0x04
ANSWER_WITHIN_S = 10
GENERIC_NACK = 0x80000000
# SMPP 3.4 §5.1.3 ESME_RINVCMDID.
UNKNOWN_COMMAND = 0x03


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Esme:
    def __init__(self):
        self.sessions = []
        self.are_nacked_back = False
        # The order that waits for an answer, by session and sequence_number.
        self.waiting = {}

    def obey(self, line):
        order = json.loads(line)
        try:
            done = getattr(self, order["do"])(order)
        except Exception as error:  # the test knows what to make of it
            done = {"error": repr(error)}
        if done is not None:
            tell("done", ref=order["ref"], **done)

    def bind(self, order):
        session = client.Client("127.0.0.1", order["port"], timeout=ANSWER_WITHIN_S, allow_unknown_opt_params=True)
        session.set_message_received_handler(self.received)
        session.connect()
        try:
            # The package always says that it speaks 3.4.
            getattr(session, "bind_" + order["mode"])(system_id="surereach", password=order["password"])
        except exceptions.PDUError as refused:
            session.disconnect()
            return {"status": refused.args[1]}
        self.sessions.append(session)
        return {"status": 0}

    def submit(self, order):
        session = next(s for s in self.sessions if s.state != consts.SMPP_CLIENT_STATE_BOUND_RX)
        sent = session.send_message(
            source_addr_ton=consts.SMPP_TON_ALNUM,
            source_addr=order["from"],
            dest_addr_ton=consts.SMPP_TON_INTL,
            dest_addr_npi=consts.SMPP_NPI_ISDN,
            destination_addr=order["to"],
            esm_class=order["esmClass"],
            data_coding=order["dataCoding"],
            registered_delivery=order["registered"],
            short_message=bytes.fromhex(order["hex"]),
        )
        self.waiting[(session, sent.sequence)] = order["ref"]

    def write(self, order):
        for session in self.sessions:
            session._socket.sendall(bytes.fromhex(order["hex"]))
        return {}

    def nackBack(self, _order):
        """From now on as rude as SMPPSim: every generic_nack gets one."""
        self.are_nacked_back = True
        return {}

    def enquire(self, order):
        for session in self.sessions:
            enquiry = smpp.make_pdu("enquire_link", client=session)
            session.send_pdu(enquiry)
            self.waiting[(session, enquiry.sequence)] = order["ref"]

    def unbind(self, _order):
        for session in list(self.sessions):
            session.unbind()
            self.end(session)
        return {}

    def read(self, session):
        try:
            pdu = session.read_pdu()
        except exceptions.ConnectionError:
            self.end(session)
            return
        if pdu.command == "unbind":
            answer = smpp.make_pdu("unbind_resp", client=session)
            answer.sequence = pdu.sequence
            # The package already holds the session for unbound, and would refuse to send this.
            session._socket.sendall(answer.generate())
            tell("unbound")
        elif pdu.command == "generic_nack":
            tell("nacked", status=pdu.status, sequence=pdu.sequence)
            if self.are_nacked_back:
                session._socket.sendall(struct.pack(">4I", 16, GENERIC_NACK, UNKNOWN_COMMAND, pdu.sequence))
        elif pdu.command == "deliver_sm":
            session._message_received(pdu)
        elif pdu.command == "enquire_link":
            session._enquire_link_received(pdu)
            tell("enquired")
        else:
            message_id = getattr(pdu, "message_id", None)
            ref = self.waiting.pop((session, pdu.sequence), None)
            tell("done", ref=ref, status=pdu.status, id=message_id and message_id.decode("latin1"))

    def end(self, session):
        session.disconnect()
        self.sessions.remove(session)
        for key in [key for key in self.waiting if key[0] is session]:
            tell("done", ref=self.waiting.pop(key), error="the connection closed")
        tell("closed")

    def received(self, pdu):
        receipt = None
        tlvs = [name for name in ("receipted_message_id", "message_state", "network_error_code") if getattr(pdu, name) is not None]
        if pdu.esm_class & 0x3C == SMSC_RECEIPT and tlvs:
            # The package parses no text; the TLVs say the same.
            receipt = {"id": pdu.receipted_message_id.decode("latin1"), "state": STATES[pdu.message_state]}
        tell(
            "delivered",
            **{"from": pdu.source_addr.decode("latin1"), "to": pdu.destination_addr.decode("latin1")},
            esmClass=pdu.esm_class,
            dataCoding=pdu.data_coding,
            hex=pdu.short_message.hex(),
            tlvs=len(tlvs),
            receipt=receipt,
        )


def main():
    esme = Esme()
    print(json.dumps({"ready": True}), flush=True)
    pending = b""
    while True:
        sockets = {session._socket: session for session in esme.sessions}
        readable, _, _ = select.select([sys.stdin.fileno(), *sockets], [], [])
        for source in readable:
            if source in sockets:
                # An order read in the same round may have ended it.
                if sockets[source] in esme.sessions:
                    esme.read(sockets[source])
                continue
            octets = os.read(source, 65536)
            if not octets:
                return
            *lines, pending = (pending + octets).split(b"\n")
            for line in lines:
                esme.obey(line)


main()
