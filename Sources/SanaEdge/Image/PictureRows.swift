/// Rows of the decoder's picture as they come, scaled, cropped and rounded to the picture that was asked for.
///
/// The numbers are those of `FloatImage.resizedAndCropped` and `RGBImage`; no more than the rows that the next ones are
/// mixed from is in memory.
package struct PictureRows {
    private let resize: Resize?
    private let width: Int
    /// Rows of the drawn picture from `first` on.
    private var held: [Float] = []
    private var first = 0
    private var emitted = 0

    /// - Parameters:
    ///   - drawnWidth, drawnHeight: of the decoder's picture.
    ///   - width, height: of the picture that was asked for.
    package init(drawnWidth: Int, drawnHeight: Int, width: Int, height: Int) {
        self.width = drawnWidth
        resize =
            (drawnWidth, drawnHeight) == (width, height)
            ? nil : Resize(from: (drawnWidth, drawnHeight), to: (width, height))
    }

    /// The 8-bit rows that become ready with the next rows of the decoder's picture.
    package mutating func append(_ rows: [Float]) -> [UInt8] {
        guard let resize else { return RGBImage.bytes(rows) }
        held += rows
        let available = first + held.count / (3 * width)
        var ready: [Float] = []
        while emitted < resize.rows.count, resize.rows[emitted].second < available {
            let tap = resize.rows[emitted]
            resize.append(
                row: tap, held[3 * width * (tap.first - first)..<3 * width * (tap.first - first + 1)],
                held[3 * width * (tap.second - first)..<3 * width * (tap.second - first + 1)], to: &ready)
            emitted += 1
        }
        let needed = emitted < resize.rows.count ? min(resize.rows[emitted].first, available) : available
        held.removeFirst(3 * width * (needed - first))
        first = needed
        return RGBImage.bytes(ready)
    }
}
