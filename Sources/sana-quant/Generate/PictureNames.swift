/// Where the pictures of a run go.
///
/// One picture takes the name as it is. Of several, each has its number before the extension, from 0, with as many
/// digits as the last one needs: `image-0.png`, or `image-00.png` where there are more than ten.
func numbered(_ path: String, _ index: Int, of count: Int) -> String {
    guard count > 1 else { return path }
    let number = String(index)
    let padding = String(repeating: "0", count: String(count - 1).utf8.count - number.utf8.count)
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    guard let dot = path[slash...].lastIndex(of: "."), dot > slash else {
        return "\(path)-\(padding)\(number)"
    }
    return "\(path[..<dot])-\(padding)\(number)\(path[dot...])"
}
