#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "net/curl_library.hpp"

#include <array>
#include <exception>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string_view>

#include <fmt/format.h>

#include <signal.h>

// The header's macros would hide the loaded functions of these names.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace kiln::net {

/// Keeps SIGPIPE from this thread: a TLS library writes to closed connections with plain write(2).
class NoSigpipe {
  public:
    NoSigpipe();
    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;
    ~NoSigpipe();

  private:
    sigset_t pipe_;
    sigset_t before_;
};

/// libcurl's handles for transfers one after the other, which use the same connections. One thread
/// at a time.
class CurlTransfer {
  public:
    CurlTransfer();
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;
    ~CurlTransfer();

    template <class Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl_.easy_setopt(easy_, option, value); code != CURLE_OK) {
            throw Error{
                ErrorKind::internal,
                fmt::format(
                    "libcurl refuses option {}: {}",
                    static_cast<int>(option),
                    curl_.easy_strerror(code)
                )};
        }
    }

    /// `authorities`, else what CURL_CA_BUNDLE or SSL_CERT_FILE name, else the system's.
    void set_trust(const std::optional<std::filesystem::path>& authorities);

    [[nodiscard]] CURL* easy() const { return easy_; }

    [[nodiscard]] long status() const;

    /// Runs the transfer to its end. @param what  for messages: "the download"
    /// @throws Error  timed_out · cancelled · denied: certificate · unavailable · exhausted: memory
    ///                invalid: a URL or protocol that libcurl does not take
    void run(std::string_view what, const std::stop_token& stop, Deadline deadline);

    /// Forgets all options; connections stay.
    void reset();

  private:
    CURLcode run_to_end(std::string_view what, const std::stop_token& stop, Deadline deadline);

    const CurlLibrary& curl_ = CurlLibrary::get();
    CURL* easy_;
    CURLM* multi_;
    std::array<char, CURL_ERROR_SIZE> said_{};
};

/// What libcurl's callbacks may not let through: C code is below them.
class HeldFailure {
  public:
    /// @returns false: it threw, which is held
    template <class Action>
    bool guard(Action action) noexcept {
        try {
            action();
            return true;
        } catch (...) {  // the edge of C code
            failure_ = std::current_exception();
            return false;
        }
    }

    [[nodiscard]] bool held() const noexcept { return failure_ != nullptr; }

    void rethrow() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    std::exception_ptr failure_;
};

}  // namespace kiln::net
