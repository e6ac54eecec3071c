#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory for numbers: owned, 64-byte aligned, filled with zeros, never resized.
///
/// A buffer is shared by reference. Nothing locks it: whoever writes to one from several threads writes to
/// parts that do not overlap, as `Compute`'s operations do.
@safe public final class Buffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    public let count: Int
    package let base: UnsafeMutablePointer<Element>
    private let memory: UnsafeMutableRawPointer
    /// Bytes that are mapped; 0 where the memory is the allocator's.
    private let mappedBytes: Int

    public init(count: Int) {
        precondition(count >= 0, "a buffer cannot have \(count) elements")
        let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        // Large memory comes from the system as zeros: whoever uses it first pays for its pages, on all threads. And
        // it goes back there, where an allocator would keep it.
        let isMapped = bytes >= leastMappedBytes
        guard !overflow, let memory = unsafe isMapped ? mapped(bytes) : calloc(bytes + alignment, 1) else {
            preconditionFailure("no memory for \(count) elements of \(MemoryLayout<Element>.stride) bytes")
        }
        mappedBytes = isMapped ? bytes : 0
        let aligned = unsafe memory.alignedUp(toMultipleOf: alignment)
        if isMapped { unsafe adviseHugePages(aligned, bytes) }
        self.count = count
        unsafe self.memory = memory
        unsafe self.base = aligned.bindMemory(to: Element.self, capacity: max(count, 1))
    }

    public convenience init(_ elements: [Element]) {
        self.init(count: elements.count)
        unsafe elements.withUnsafeBufferPointer { source in
            if let from = source.baseAddress { unsafe base.update(from: from, count: source.count) }
        }
    }

    /// The elements that lie in `bytes`, little endian, one behind the other.
    package convenience init(bytes: [UInt8]) {
        precondition(bytes.count.isMultiple(of: MemoryLayout<Element>.stride))
        self.init(count: bytes.count / MemoryLayout<Element>.stride)
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }

    deinit {
        if mappedBytes > 0 {
            unsafe munmap(memory, mappedBytes)
        } else {
            unsafe free(memory)
        }
    }

    public subscript(_ index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "index \(index) is outside a buffer of \(count)")
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < count, "index \(index) is outside a buffer of \(count)")
            unsafe base[index] = newValue
        }
    }

    /// A copy of the elements.
    public var array: [Element] {
        unsafe Array(UnsafeBufferPointer(start: base, count: count))
    }

    /// The bytes, for reading a file into them.
    package func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try unsafe body(
            UnsafeMutableRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride))
    }
}

private let alignment = 64
/// From here on memory comes from the system, and is asked for in pages of 2 MiB, where it has them: fewer faults, fewer
/// address translations. Buffers that lie side by side share such pages, so that smaller ones gain too.
private let leastMappedBytes = 1 << 20

private func adviseHugePages(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let first = unsafe memory.alignedUp(toMultipleOf: page)
    let end = unsafe (memory + bytes).alignedDown(toMultipleOf: page)
    _ = unsafe madvise(first, end - first, MADV_HUGEPAGE)
}

private func mapped(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return unsafe memory == MAP_FAILED ? nil : memory
}
