import Causality
import Journals
import Support
import Testing

struct HashingVectorTests {
    @Test(arguments: Example.all(in: "hashing"))
    func `salts, commitments, headers and hashes are those of the protocol, byte for byte`(_ example: Example) throws {
        let expect = example["expect"]
        let (entry, previous) = (example.entry, example["previous"].hash)
        let header = Header(
            scope: example.scope, replica: example["replica"].replica, position: example["position"].position, previous: previous,
            time: entry.time, offset: entry.offset, roster: entry.roster, rest: entry.rest)

        if case .sealed(let seed, let values) = entry.values {
            let salts = EntryValues.salts(seed: seed, count: values.count).map { Hex.string($0) }
            #expect(salts == expect["salts"].list.map(\.text))
        }
        #expect(entry.values.commitments.map(\.description) == expect["commitments"].list.map(\.text))
        #expect(Hash(.skeleton, entry.skeleton).description == expect["skeleton_hash"].text)
        #expect(entry.rest.description == expect["rest"].text)
        #expect(Hex.string(header.bytes) == expect["header"].text)
        #expect(header.hash.description == expect["hash"].text)
        #expect(entry.time.corrected(by: entry.offset).rawValue == expect["corrected_time"].number)

        let read = try Header(bytes: header.bytes)
        #expect(read == header)
        let before = Tip(
            scope: header.scope, journal: JournalID(header.replica), replica: header.replica, position: header.position.previous,
            hash: previous, time: Timestamp(rawValue: .min), roster: 0, key: nil)
        let (chained, after) = try before.chaining(entry)
        #expect(chained.header == header)
        #expect(after.hash == header.hash && after.position == header.position)
    }

    @Test func `a header of another length, version or algorithm is refused`() throws {
        let bytes = Example.all(in: "hashing")[0]["expect"]["header"].bytes
        for count in 0..<bytes.count {
            #expect(throws: Fault.self) { try Header(bytes: Array(bytes[..<count])) }
        }
        #expect(throws: Fault.self) { try Header(bytes: bytes + [0]) }
        for place in 0...1 {
            var other = bytes
            other[place] = 2
            let spoiled = other
            let fault = #expect(throws: Fault.self) { try Header(bytes: spoiled) }
            #expect(fault?.code == .unsupportedVersion)
        }
    }
}

extension Example {
    fileprivate var entry: UnverifiedEntry {
        UnverifiedEntry(
            time: Timestamp(milliseconds: self["time"].number), offset: self["offset"].offset,
            roster: UInt32(self["roster"].number), skeleton: self["skeleton"].bytes, values: values)
    }

    private var values: EntryValues {
        let values = self["values"].list
        if self["salts"].isNull { return .sealed(seed: self["seed"].bytes, values: values.map(\.bytes)) }
        return .opened(
            values.indices.map { i -> EntryValues.Part in
                values[i].isNull
                    ? .erased(commitment: self["erased"][i].hash)
                    : .present(salt: self["salts"][i].bytes, value: values[i].bytes)
            })
    }
}
