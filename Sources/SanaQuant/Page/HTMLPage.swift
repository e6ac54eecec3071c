/// A page that needs nothing beside it: its style is in it, for light and dark, narrow, wide and paper.
struct HTMLPage {
    let title: String
    /// What stands in the page, from its first heading on.
    let body: HTML

    /// The whole file, as UTF-8.
    var bytes: [UInt8] {
        // The policy lets nothing in from outside, whatever a prompt may hold.
        let page: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>
            \(HTML(source: String(decoding: PackageResources.page_css, as: UTF8.self)))</style>
            </head>
            <body>
            <main>
            \(body)
            </main>
            </body>
            </html>

            """
        return Array(page.source.utf8)
    }
}
