import SanaEdge
import TestSupport
import Testing

@Suite struct PNGTests {
    /// Every byte value, with edges that a filter could get wrong.
    private static func picture(width: Int, height: Int) -> RGBImage {
        let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7 ^ $0 >> 3) }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    @Test(arguments: [(1, 1), (1, 7), (513, 3), (64, 65)])
    func aPictureSurvivesWritingAndReading(width: Int, height: Int) throws {
        let picture = Self.picture(width: width, height: height)
        #expect(try RGBImage(png: picture.png(), file: "picture") == picture)
    }

    @Test func rowsMayComeInAnyPieces() throws {
        let picture = Self.picture(width: 20, height: 9)
        let writer = try PNGWriter(width: 20, height: 9)
        var bytes = try writer.encode(rows: picture.pixels[0..<60])
        bytes += try writer.encode(rows: picture.pixels[60..<60])
        bytes += try writer.encode(rows: picture.pixels[60..<540])
        bytes += try writer.finish()
        #expect(try bytes == picture.png())
    }

    @Test func textChunksHoldASCIIAndUTF8() throws {
        let text = [("prompt", "ein Schaf am Deich, 羊"), ("seed", "42")]
        let bytes = try Self.picture(width: 2, height: 2).png(text: text)
        let chunks = pngChunks(bytes)
        #expect(chunks.first?.name == "IHDR" && chunks.last?.name == "IEND")
        #expect(
            chunks.first { $0.name == "iTXt" }?.bytes == Array("prompt\0\0\0\0\0ein Schaf am Deich, 羊".utf8))
        #expect(chunks.first { $0.name == "tEXt" }?.bytes == Array("seed\042".utf8))
    }

    @Test func aPictureWithoutPixelsIsRefused() {
        #expect(throws: PNGError.self) { try PNGWriter(width: 0, height: 5) }
        #expect(throws: PNGError.self) { try PNGWriter(width: 5, height: 1 << 40) }
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try Self.picture(width: 9, height: 5).png()
        for count in 0..<bytes.count - 12 {
            #expect(throws: PNGError.self) { try RGBImage(png: Array(bytes[..<count]), file: "cut") }
        }
    }

    @Test func aSmallFileThatClaimsAHugePictureIsRefused() throws {
        var bytes = try Self.picture(width: 9, height: 5).png()
        // Width and height in the header chunk, whose checksum is behind them.
        bytes.replaceSubrange(16..<24, with: [0, 0, 0x3F, 0xFF, 0, 0, 0x3F, 0xFF])
        bytes.replaceSubrange(29..<33, with: crc32(bytes[12..<29]))
        #expect {
            try RGBImage(png: bytes, file: "huge")
        } throws: { error in
            "\(error)".contains("more pixels than its bytes can hold")
        }
    }

    @Test func picturesOfOtherWritersAreRead() throws {
        let picture = try Fixtures.picture("goldens/decoder.png")
        #expect(picture.pixels.count == 3 * picture.width * picture.height)
        #expect(Set(picture.pixels).count > 16)
    }
}

private func pngChunks(_ file: [UInt8]) -> [(name: String, bytes: [UInt8])] {
    var chunks: [(name: String, bytes: [UInt8])] = []
    var rest = file[8...]
    while rest.count >= 12 {
        let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let name = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
        chunks.append((name, Array(rest.dropFirst(8).prefix(count))))
        rest = rest.dropFirst(12 + count)
    }
    return chunks
}

/// The checksum of PNG chunks (ISO 3309), big endian.
private func crc32(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let crc = ~bytes.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1) &* 0xEDB8_8320 }
    }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) }
}
