#pragma once

#include "aws/s3_client.hpp"
#include "net/client.hpp"
#include "ports/clock.hpp"
#include "release/world.hpp"

#include <mutex>
#include <optional>

namespace kiln {

/// Looks at objects, URLs and what commands say, from the server's machine. S3 is found as AWS'
/// tools find it.
class ReleaseProbe final : public release::Probe {
  public:
    /// @param clock  outlives it
    explicit ReleaseProbe(const ports::Clock& clock) : clock_{clock} {}

    int command(
        const std::string& text, const release::Templates& environment, const std::stop_token& stop
    ) override;
    bool object_exists(const std::string& url, const std::stop_token& stop) override;
    int http_status(const std::string& url, const std::stop_token& stop) override;
    std::string text(const std::string& url, const std::stop_token& stop) override;

  private:
    /// Follows a few redirects. @throws Error  as HttpClient::send
    [[nodiscard]] net::ClientResponse get(std::string url, const std::stop_token& stop);
    [[nodiscard]] aws::S3Client& s3();

    const ports::Clock& clock_;
    net::HttpClient http_{{.plain = net::PlainHttp::anywhere, .max_body = Bytes{1U << 20}}};
    std::mutex mutex_;  ///< guards what follows
    std::optional<aws::S3Client> s3_;
};

/// "s3://BUCKET/KEY" -> bucket and key. @throws Error  invalid
[[nodiscard]] std::pair<std::string, std::string> parse_s3_url(const std::string& url);

}  // namespace kiln
