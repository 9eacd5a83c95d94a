// A terminal that hands over one key at a time, and is put back as it was however the program ends.

import Dundian
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the terminal was, for whoever has to put it back: a signal handler can reach nothing else.
nonisolated(unsafe) private var usual = termios()

final class Keyboard {
    enum Key: Equatable {
        case character(Character)
        case enter, escape, end
    }

    /// - Throws: nothing can be read key by key.
    init() throws {
        guard tcgetattr(0, &usual) == 0 else {
            throw Explanation(
                "not-a-terminal", exit: ExitStatus.usage, tr("这里不是终端，不能逐键操作。", "This is no terminal to press keys at."),
                tr("请用：dundian review list", "See: dundian review list"))
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                tcsetattr(0, TCSANOW, &usual)
                // As if nobody had caught it.
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        raw()
    }

    deinit {
        cooked()
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    /// One key at a time, not shown; Ctrl-C still ends the program.
    func raw() {
        var raw = usual
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &raw.c_cc) { bytes in
            bytes[Int(VMIN)] = 1
            bytes[Int(VTIME)] = 0
        }
        tcsetattr(0, TCSANOW, &raw)
    }

    func cooked() { tcsetattr(0, TCSANOW, &usual) }

    /// The next key; arrows and the like are passed over.
    func next() -> Key {
        while true {
            guard let byte = byte(waiting: -1) else { return .end }
            switch byte {
            case 0x0a, 0x0d: return .enter
            case 0x04: return .end
            case 0x1b:
                // A lone escape is the key; with more behind it at once it is a key that has no meaning here.
                guard self.byte(waiting: 30) != nil else { return .escape }
                while let more = self.byte(waiting: 5), !(0x40...0x7e).contains(more) {}
            default:
                let length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
                var bytes = [byte]
                while bytes.count < length, let more = self.byte(waiting: 30) { bytes.append(more) }
                if let character = String(decoding: bytes, as: UTF8.self).first { return .character(character) }
            }
        }
    }

    private func byte(waiting milliseconds: Int32) -> UInt8? {
        var poll = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        while true {
            let ready = waitForInput(&poll, milliseconds)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }

    /// A line as people type it, with the terminal's own corrections. Nil: the input ended.
    func line(_ question: String) -> String? {
        cooked()
        defer { raw() }
        FileHandle.standardOutput.write(Data(question.utf8))
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count == 1, byte != 0x0a {
                bytes.append(byte)
                continue
            }
            if count < 1, bytes.isEmpty { return nil }
            break
        }
        let line = String(decoding: bytes, as: UTF8.self)
        // Esc within a line: somebody thought better of it.
        return line.contains("\u{1b}") ? nil : line
    }
}

private func waitForInput(_ descriptor: inout pollfd, _ milliseconds: Int32) -> Int32 { poll(&descriptor, 1, milliseconds) }
