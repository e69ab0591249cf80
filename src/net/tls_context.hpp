#pragma once

#include "net/asio.hpp"
#include "net/server.hpp"

#include <boost/asio/ssl/context.hpp>

namespace kiln::net {

/// For a server: TLS 1.2 and later.
/// @throws Error  invalid: the files are not a certificate and its key · not_found: a file is not
///                there
[[nodiscard]] asio::ssl::context make_tls_context(const TlsFiles& files);

}  // namespace kiln::net
