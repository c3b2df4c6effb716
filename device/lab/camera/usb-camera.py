"""A USB camera (UVC 1.1) without hardware: plugged in while this program runs, unplugged when it ends.

It speaks USB/IP to the kernel's virtual host controller (vhci-hcd) over a socket pair. So uvcvideo, udev and V4L2 treat it as
any USB camera, with isochronous transfers. Needs root and `modprobe vhci-hcd`.

  usb-camera.py SERIAL FOLDER     FOLDER holds 640x480/*.jpg and 320x240/*.jpg, sent in turn
"""

import pathlib
import select
import socket
import struct
import sys
import time

VHCI = pathlib.Path("/sys/devices/platform/vhci_hcd.0")
HIGH_SPEED = 3
DEVICE_ID = 1
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
HEADER = struct.Struct(">5I28s")
COMMAND = struct.Struct(">IiiiI8s")
STALL, CONNECTION_RESET = -32, -104

SIZES = [(640, 480), (320, 240)]
INTERVALS = [333_333, 666_666, 1_000_000, 2_000_000]  # units of 100 ns: 30, 15, 10 and 5 pictures a second
RAW_INTERVAL = 2_000_000
YUYV, MJPEG = 1, 2  # format indexes; as in most cameras, the raw format is the default
PACKET = 3 * 1024
FRAME_ID, END_OF_FRAME, END_OF_HEADER = 1, 2, 0x80

DEVICE = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0xEF, 2, 1, 64, 0x1D6B, 0x0102, 0x0100, 1, 2, 3, 1)


def control_interface():
    terminals = struct.pack("<BBBBHBBHHHB3s", 18, 0x24, 2, 1, 0x0201, 0, 0, 0, 0, 0, 3, bytes(3))
    terminals += struct.pack("<BBBBHBBB", 9, 0x24, 3, 2, 0x0101, 0, 1, 0)
    header = struct.pack("<BBBHHIBB", 13, 0x24, 1, 0x0110, 13 + len(terminals), 48_000_000, 1, 1)
    return bytes([9, 4, 0, 0, 0, 0x0E, 1, 0, 2]) + header + terminals


def frame(kind, index, size, intervals):
    width, height = size
    bits = width * height * 16 * 30
    head = struct.pack("<BBBBBHHIIIIB", 26 + 4 * len(intervals), 0x24, kind, index, 0, width, height, bits // 10, bits,
                       width * height * 2, intervals[0], len(intervals))
    return head + struct.pack(f"<{len(intervals)}I", *intervals)


def streaming_interface():
    yuyv = bytes.fromhex("5955593200001000800000aa00389b71")
    colour = bytes([6, 0x24, 0x0D, 1, 1, 4])
    formats = bytes([27, 0x24, 4, YUYV, 1]) + yuyv + bytes([16, 1, 0, 0, 0, 0]) + frame(5, 1, SIZES[0], [RAW_INTERVAL]) + colour
    formats += bytes([11, 0x24, 6, MJPEG, len(SIZES), 1, 1, 0, 0, 0, 0])
    formats += b"".join(frame(7, n + 1, size, INTERVALS) for n, size in enumerate(SIZES)) + colour
    header = struct.pack("<BBBBHBBBBBBBBB", 15, 0x24, 1, 2, 15 + len(formats), 0x81, 0, 2, 0, 0, 0, 1, 0, 0)
    idle = bytes([9, 4, 1, 0, 0, 0x0E, 2, 0, 0])
    active = bytes([9, 4, 1, 1, 1, 0x0E, 2, 0, 0]) + struct.pack("<BBBBHB", 7, 5, 0x81, 5, 2 << 11 | 1024, 1)
    return idle + header + formats + active


def configuration():
    body = bytes([8, 0x0B, 0, 2, 0x0E, 3, 0, 2]) + control_interface() + streaming_interface()
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body


class Camera:
    def __init__(self, serial, folder):
        self.strings = ["", "Lab", "Lab Camera", serial]
        self.pictures = {size: load(pathlib.Path(folder), size) for size in SIZES}
        self.probe = self.negotiated(YUYV, 1, RAW_INTERVAL)
        self.committed = self.probe
        self.waiting = []  # isochronous requests: (sequence number, number of packets, their size)
        self.sent = 0  # pictures
        self.rest = b""  # of the picture that is being sent
        self.next_at = 0.0

    def plug(self):
        free = (line.split() for line in (VHCI / "status").read_text().splitlines()[1:])
        port = next(int(each[1]) for each in free if each[0] == "hs" and int(each[2]) == 4)
        self.socket, kernel = socket.socketpair()
        (VHCI / "attach").write_text(f"{port} {kernel.fileno()} {DEVICE_ID} {HIGH_SPEED}")
        kernel.close()

    def run(self):
        while True:
            pause = max(0.0, self.next_at - time.monotonic()) if self.waiting else None
            if select.select([self.socket], [], [], pause)[0]:
                self.receive()
            elif self.waiting:
                self.send_packets(*self.waiting.pop(0))

    def receive(self):
        command, sequence, _, is_in, endpoint, rest = HEADER.unpack(self.read(HEADER.size))
        if command == UNLINK:
            return self.unlink(sequence, struct.unpack(">I", rest[:4])[0])
        _, length, _, packets, _, setup = COMMAND.unpack(rest)
        data = b"" if is_in else self.read(length)
        if endpoint == 0:
            return self.answer(sequence, is_in, *self.control(setup, data))
        sizes = [struct.unpack(">I", self.read(16)[4:8])[0] for _ in range(packets)]
        self.waiting.append((sequence, len(sizes), sizes[0]))

    def unlink(self, sequence, target):
        pending = [each for each in self.waiting if each[0] == target]
        self.waiting = [each for each in self.waiting if each[0] != target]
        status = CONNECTION_RESET if pending else 0
        self.socket.sendall(HEADER.pack(UNLINKED, sequence, 0, 0, 0, struct.pack(">i", status)))

    def answer(self, sequence, is_in, status, data):
        reply = struct.pack(">iiiii", status, len(data), 0, 0, 0)
        self.socket.sendall(HEADER.pack(SUBMITTED, sequence, 0, 0, 0, reply) + (data if is_in else b""))

    def control(self, setup, data):
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        if kind & 0x60 == 0x20:
            answer = self.video_control(request, value, index, data)
        elif request == 6:
            answer = self.descriptor(value >> 8, value & 0xFF)
        else:
            # SET_INTERFACE and others that need no data; GET_STATUS.
            self.waiting, self.rest, self.next_at = ([], b"", 0.0) if request == 11 else (self.waiting, self.rest, self.next_at)
            answer = bytes(2) if request == 0 else bytes(1) if kind & 0x80 else b""
        return (STALL, b"") if answer is None else (0, answer[:length] if kind & 0x80 else data)

    def descriptor(self, kind, index):
        if kind == 3 and index < len(self.strings):
            text = self.strings[index].encode("utf-16-le") if index else b"\x09\x04"
            return bytes([2 + len(text), 3]) + text
        return {1: DEVICE, 2: configuration()}.get(kind)

    def video_control(self, request, value, index, data):
        """Probe and commit of the streaming interface. Other controls (brightness, ...) do not exist."""
        if index & 0xFF != 1 or value not in (0x100, 0x200):
            return None
        if request == 0x01:
            form, size, interval = struct.unpack("<2xBBI", data[:8])
            self.probe = self.negotiated(form, size, interval)
            self.committed = self.probe if value == 0x200 else self.committed
            return b""
        return {0x85: b"\x22\x00", 0x86: b"\x03"}.get(request, self.probe)

    def negotiated(self, form, size, interval):
        form = form if form in (YUYV, MJPEG) else YUYV
        size = min(max(size, 1), len(SIZES) if form == MJPEG else 1)
        interval = min(INTERVALS if form == MJPEG else [RAW_INTERVAL], key=lambda each: abs(each - interval))
        width, height = SIZES[size - 1]
        return struct.pack("<HBBIHHHHHIIIBBBB", 1, form, size, interval, 0, 0, 0, 0, 0, width * height * 2, PACKET,
                           48_000_000, 0, 0, 0, 0)

    def next_picture(self):
        form, size, interval = struct.unpack("<2xBBI", self.committed[:8])
        self.next_at = time.monotonic() + interval / 1e7
        self.sent += 1
        width, height = SIZES[size - 1]
        if form == YUYV:
            return bytes([128]) * (width * height * 2)
        pictures = self.pictures[SIZES[size - 1]]
        return pictures[self.sent % len(pictures)]

    def send_packets(self, sequence, count, size):
        self.rest = self.rest or self.next_picture()
        packets = []
        while self.rest and len(packets) < count:
            part, self.rest = self.rest[: size - 2], self.rest[size - 2 :]
            flags = END_OF_HEADER | self.sent & FRAME_ID | (0 if self.rest else END_OF_FRAME)
            packets.append(bytes([2, flags]) + part)
        lengths = [len(each) for each in packets] + [0] * (count - len(packets))
        reply = struct.pack(">iiiii", 0, sum(lengths), 0, count, 0)
        described = b"".join(struct.pack(">IIIi", n * size, size, each, 0) for n, each in enumerate(lengths))
        self.socket.sendall(HEADER.pack(SUBMITTED, sequence, 0, 0, 0, reply) + b"".join(packets) + described)

    def read(self, length):
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            if not part:
                sys.exit("the kernel has closed the connection")
            data += part
        return data


def load(folder, size):
    found = [each.read_bytes() for each in sorted((folder / f"{size[0]}x{size[1]}").glob("*.jpg"))]
    return found or sys.exit(f"no pictures of {size} in {folder}")


camera = Camera(*sys.argv[1:])
camera.plug()
camera.run()
