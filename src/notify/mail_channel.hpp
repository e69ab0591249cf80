#pragma once

#include "net/smtp.hpp"
#include "notify/channel.hpp"
#include "notify/mail.hpp"
#include "notify/texts.hpp"

namespace kiln::notify {

struct MailOptions {
    net::SmtpServer server;
    MailAddress from;
    std::vector<MailAddress> to;
};

/// The mail that tells of an event: the text, and below it each field that is there. Pure.
[[nodiscard]] Mail mail_of(const Event& event, const MailOptions& options, const Texts& texts);

class MailChannel final : public Channel {
  public:
    /// `texts` outlives this.
    MailChannel(MailOptions options, const Texts& texts)
        : options_{std::move(options)}, texts_{texts} {}

    [[nodiscard]] std::string_view name() const noexcept override { return "mail"; }

    void send(const Event& event, const std::stop_token& stop, Deadline deadline) override;

  private:
    MailOptions options_;
    const Texts& texts_;
};

}  // namespace kiln::notify
