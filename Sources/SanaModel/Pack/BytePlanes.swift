/// Elements taken apart into planes: all lowest bytes first, then all second bytes, and so on.
///
/// A float's low bytes are noise and its high bytes are not; side by side zstd sees only noise.
enum BytePlanes {
    /// The planes of `bytes`, elements of `width` bytes, whose count is a multiple of `width`.
    static func split(_ bytes: [UInt8], width: Int) -> [UInt8] {
        let count = bytes.count / width
        return unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
            unsafe bytes.withUnsafeBytes { source in
                for plane in 0..<width {
                    let start = plane * count
                    for index in 0..<count {
                        unsafe target[start + index] = source[index * width + plane]
                    }
                }
            }
            initialized = bytes.count
        }
    }

    /// Fills `target` with the elements of two bytes whose planes are `planes`, of the same size.
    static func join2(_ planes: [UInt8], into target: UnsafeMutableRawBufferPointer) {
        let count = min(planes.count, target.count) / 2
        unsafe planes.withUnsafeBufferPointer { planes in
            for index in 0..<count {
                let element = unsafe UInt16(planes[index]) | UInt16(planes[count + index]) << 8
                unsafe target.storeBytes(of: element.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
            }
        }
    }

    /// Fills `target` with the elements of four bytes whose planes are `planes`, of the same size.
    static func join4(_ planes: [UInt8], into target: UnsafeMutableRawBufferPointer) {
        let count = min(planes.count, target.count) / 4
        unsafe planes.withUnsafeBufferPointer { planes in
            for index in 0..<count {
                let low = unsafe UInt32(planes[index]) | UInt32(planes[count + index]) << 8
                let high = unsafe UInt32(planes[2 * count + index]) | UInt32(planes[3 * count + index]) << 8
                let element = low | high << 16
                unsafe target.storeBytes(of: element.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
            }
        }
    }
}
