// A text message centre: takes messages over SMPP, lays them on made-up phones, reports on them, and
// passes on what a phone sends. Told by lines of JSON on standard input, tells by lines of JSON on
// standard output. Usage: node smsc.js PORT LIFE
import { createInterface } from "node:readline";
import smpp from "smpp";

const REPORT_MILLISECONDS = 50;
const [PORT, LIFE] = process.argv.slice(2);
const ON_TRUNK = "bind_transmitter";

const rules = new Map(); // number -> accept | refuse | undeliverable | silent | throttle_once
const trunks = new Set();
const parts = new Map(); // parts of long messages that wait for the rest
let count = 0;

const tell = (event) => console.log(JSON.stringify(event));

const receivers = () => [...trunks].filter((trunk) => trunk.boundAs !== ON_TRUNK);

function textOf(pdu) {
  const { message } = pdu.short_message;
  return Buffer.isBuffer(message) ? message.toString("latin1") : message;
}

// The place of a part in its message, from the user data header; null for a whole message.
function placeOf(pdu) {
  const header = (pdu.short_message.udh ?? []).find((element) => element[0] === 0x00);
  return header ? { key: `${pdu.destination_addr}/${header[2]}`, total: header[3], index: header[4] } : null;
}

function arrive(pdu) {
  const place = placeOf(pdu);
  const seen = place ? (parts.get(place.key) ?? new Map()) : new Map();
  seen.set(place?.index ?? 1, textOf(pdu));
  if (place && seen.size < place.total) {
    parts.set(place.key, seen);
    return;
  }
  if (place) parts.delete(place.key);
  const text = [...seen.keys()].sort((a, b) => a - b).map((index) => seen.get(index)).join("");
  tell({ event: "arrived", to: pdu.destination_addr, from: pdu.source_addr, text, parts: seen.size });
}

function report(pdu, id, delivered) {
  if (!(pdu.registered_delivery & 1)) return;
  const state = delivered ? "DELIVRD" : "UNDELIV";
  const words =
    `id:${id} sub:001 dlvrd:00${delivered ? 1 : 0} submit date:2611211200 done date:2611211200 ` +
    `stat:${state} err:000 text:`;
  setTimeout(() => {
    receivers()[0]?.deliver_sm({
      esm_class: 4,
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      receipted_message_id: id,
      message_state: delivered ? 2 : 5,
      short_message: words,
    });
  }, REPORT_MILLISECONDS);
}

function take(trunk, pdu) {
  const number = pdu.destination_addr.replace(/^\+/, "");
  const rule = rules.get(number) ?? "accept";
  if (rule === "refuse") {
    tell({ event: "refused", to: number });
    trunk.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    return;
  }
  if (rule === "throttle_once") {
    rules.delete(number);
    tell({ event: "throttled", to: number });
    trunk.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  // A number given out in an earlier life may still wait for its report.
  const id = `${LIFE}x${++count}`;
  trunk.send(pdu.response({ message_id: id }));
  if (rule !== "undeliverable") arrive(pdu);
  if (rule !== "silent") report(pdu, id, rule !== "undeliverable");
}

function bind(trunk, as, pdu) {
  if (pdu.password !== "secret") {
    trunk.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    trunk.close();
    return;
  }
  trunk.boundAs = as;
  trunks.add(trunk);
  trunk.send(pdu.response({ system_id: "SMSC" }));
  tell({ event: "bound" });
}

const server = smpp.createServer({ debug: false }, (trunk) => {
  trunk.on("error", () => trunks.delete(trunk));
  trunk.on("close", () => trunks.delete(trunk));
  for (const as of ["bind_transceiver", ON_TRUNK, "bind_receiver"]) trunk.on(as, (pdu) => bind(trunk, as, pdu));
  trunk.on("enquire_link", (pdu) => trunk.send(pdu.response()));
  trunk.on("unbind", (pdu) => {
    trunk.send(pdu.response());
    trunk.close();
  });
  trunk.on("submit_sm", (pdu) => take(trunk, pdu));
});

createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  if (order.do === "rule") {
    rules.set(order.number, order.rule);
    tell({ event: "ruled", to: order.number });
    return;
  }
  const plain = /^[\x20-\x7e]*$/.test(order.text);
  receivers()[0]?.deliver_sm(
    {
      // A number with its country, as most carriers send it: the + is in the type, not in the number.
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: order.from,
      destination_addr: order.to,
      data_coding: plain ? 0 : 8,
      short_message: order.text,
    },
    () => tell({ event: "sent", from: order.from }),
  );
});

server.listen(Number(PORT), "127.0.0.1");
