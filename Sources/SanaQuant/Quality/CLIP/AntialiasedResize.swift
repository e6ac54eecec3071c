import SanaEdge
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension RGBImage {
    /// Scales the picture as Pillow does: when it shrinks, the filter spreads over all pixels that go into one.
    ///
    /// The bytes are Pillow's: weights are rounded to 22 bits behind the point, and what comes of the first of the two
    /// passes is rounded to 8 bits. Rows go first, unless the height shrinks, and by more than twice as many pixels as
    /// the width: so Pillow 13 does (older ones always begin with the rows).
    ///
    /// - Precondition: the sizes are positive.
    public func resized(
        width newWidth: Int, height newHeight: Int, filter: CLIPImageSettings.Filter
    ) -> RGBImage {
        if filter == .nearest { return nearest(width: newWidth, height: newHeight) }
        let columnsFirst = newHeight < height && height - newHeight > 2 * (width - newWidth)
        var image = self
        for alongRows in columnsFirst ? [false, true] : [true, false] {
            let (size, newSize) = alongRows ? (width, newWidth) : (height, newHeight)
            if size == newSize { continue }
            image = image.scaled(Taps(from: size, to: newSize, filter), alongRows: alongRows)
        }
        return image
    }

    /// Each pixel is the one that its centre falls into.
    private func nearest(width newWidth: Int, height newHeight: Int) -> RGBImage {
        func places(_ size: Int, _ newSize: Int) -> [Int] {
            let scale = Double(size) / Double(newSize)
            return (0..<newSize).map { min(size - 1, Int((Double($0) + 0.5) * scale)) }
        }
        let columns = places(width, newWidth)
        var result: [UInt8] = []
        result.reserveCapacity(3 * newWidth * newHeight)
        for row in places(height, newHeight) {
            for column in columns {
                let source = 3 * (row * width + column)
                result += pixels[source..<source + 3]
            }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: result)
    }

    private func scaled(_ taps: Taps, alongRows: Bool) -> RGBImage {
        let (newWidth, newHeight) = alongRows ? (taps.count, height) : (width, taps.count)
        // From one sample of a sum to the next.
        let step = alongRows ? 3 : 3 * width
        var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
        var target = 0
        for row in 0..<newHeight {
            for column in 0..<newWidth {
                let output = alongRows ? column : row
                let weights = taps.weights(output)
                let first =
                    3 * (alongRows ? row * width + taps.first[output] : taps.first[output] * width + column)
                for channel in 0..<3 {
                    var sum: Int32 = 1 << (Taps.precision - 1)
                    var source = first + channel
                    for weight in weights {
                        sum &+= Int32(pixels[source]) &* weight
                        source += step
                    }
                    result[target] = UInt8(max(0, min(255, sum >> Taps.precision)))
                    target += 1
                }
            }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: result)
    }
}

/// The weights with which the samples along one side go into each scaled sample.
private struct Taps {
    /// Bits behind the point of a weight: sums of 8-bit samples, with room for what overshoots, stay in 32 bits.
    static let precision: Int32 = 32 - 8 - 2

    let count: Int
    /// The first sample of each sum.
    private(set) var first: [Int] = []
    private var all: [Int32] = []
    private var starts: [Int] = [0]

    init(from size: Int, to newSize: Int, _ filter: CLIPImageSettings.Filter) {
        count = newSize
        let scale = Double(size) / Double(newSize)
        let stretch = max(scale, 1)
        let support = filter.support * stretch
        for output in 0..<newSize {
            let center = (Double(output) + 0.5) * scale
            let begin = max(0, Int(center - support + 0.5))
            let end = min(size, Int(center + support + 0.5))
            let weights = (begin..<end).map { sample in
                filter.weight((Double(sample) - center + 0.5) * (1 / stretch))
            }
            let sum = weights.reduce(0, +)
            for weight in weights {
                let share = sum == 0 ? weight : weight / sum
                all.append(Int32(share * Double(1 << Self.precision) + (share < 0 ? -0.5 : 0.5)))
            }
            first.append(begin)
            starts.append(all.count)
        }
    }

    func weights(_ output: Int) -> ArraySlice<Int32> { all[starts[output]..<starts[output + 1]] }
}

extension CLIPImageSettings.Filter {
    /// Samples on each side that the filter reaches.
    fileprivate var support: Double {
        switch self {
        case .nearest: 0
        case .box: 0.5
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The triangle; the cubic of Keys (1981) with a = -1/2; the box; sinc under the windows of Hamming and Lanczos.
    fileprivate func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .nearest: return 0
        case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
        case .bilinear: return x < 1 ? 1 - x : 0
        case .hamming: return x < 1 ? sinc(x) * (0.54 + 0.46 * cos(x * .pi)) : 0
        case .lanczos: return x < 3 ? sinc(x) * sinc(x / 3) : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        }
    }
}

/// sin(πx) / πx
private func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
