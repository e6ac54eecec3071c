#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where elements lie between two pages that nobody may touch: a step across that edge ends the test run.
enum Edge: Sendable, CaseIterable {
    case start
    case end
}

/// Elements between forbidden pages.
@safe final class GuardedMemory<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private let pages: UnsafeMutableRawPointer
    private let size: Int

    init(_ elements: [Element], _ edge: Edge) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bytes = elements.count * MemoryLayout<Element>.stride
        let inner = (max(bytes, 1) + page - 1) / page * page
        size = inner + 2 * page
        count = elements.count
        unsafe pages = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let memory = unsafe pages + page
        unsafe mprotect(memory, inner, PROT_READ | PROT_WRITE)
        let start = unsafe edge == .start ? memory : memory + (inner - bytes)
        unsafe base = start.bindMemory(to: Element.self, capacity: elements.count)
        for (index, element) in elements.enumerated() { unsafe base[index] = element }
    }

    deinit {
        unsafe munmap(pages, size)
    }

    var array: [Element] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }
}
