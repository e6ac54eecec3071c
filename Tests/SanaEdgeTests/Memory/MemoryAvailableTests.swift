import SanaEdge
import Testing

@Suite struct MemoryAvailableTests {
    static let unified = "0::/system.slice/box\n"
    static let legacy = "4:memory:/box\n1:cpu,cpuacct:/box\n0::/\n"

    @Test(
        arguments: [
            (
                unified,
                [
                    "/sys/fs/cgroup/system.slice/box/memory.max": "500000000\n",
                    "/sys/fs/cgroup/system.slice/box/memory.current": "100000000\n",
                ], 400_000_000
            ),
            // What files have in the page cache is free.
            (
                unified,
                [
                    "/sys/fs/cgroup/system.slice/box/memory.max": "500000000\n",
                    "/sys/fs/cgroup/system.slice/box/memory.current": "450000000\n",
                    "/sys/fs/cgroup/system.slice/box/memory.stat":
                        "anon 5\ninactive_file 300000000\nactive_file 100000000\n",
                ], 450_000_000
            ),
            // The groups around ours count, too.
            (
                unified,
                [
                    "/sys/fs/cgroup/system.slice/memory.max": "300000000\n",
                    "/sys/fs/cgroup/system.slice/box/memory.max": "max\n",
                ], 300_000_000
            ),
            (
                legacy,
                [
                    "/sys/fs/cgroup/memory/box/memory.limit_in_bytes": "200000000\n",
                    "/sys/fs/cgroup/memory/box/memory.usage_in_bytes": "150000000\n",
                    "/sys/fs/cgroup/memory/box/memory.stat": "cache 1\ntotal_inactive_file 50000000\n",
                ], 100_000_000
            ),
            // No limit, as the first version writes it.
            (legacy, ["/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"], nil),
            (
                unified,
                [
                    "/sys/fs/cgroup/memory.max": "1000\n", "/sys/fs/cgroup/memory.current": "2000\n",
                ], 0
            ),
            (unified, ["/sys/fs/cgroup/memory.max": "rubbish"], nil),
            ("", [:], nil),
        ] as [(String, [String: String], Int?)])
    func limitsOfControlGroupsAreHonoured(membership: String, files: [String: String], bytes: Int?) {
        #expect(MemoryAvailable.bytes(membership: membership) { files[$0] } == bytes)
    }
}
