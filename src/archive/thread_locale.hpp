#pragma once

#include <clocale>
#include <locale.h>

namespace kiln::archive {

/// The character set that libarchive takes names to be in, for this thread and this scope.
///
/// In "C" its reader hands names over byte for byte (with a warning); in a UTF-8 locale it would
/// turn them into Unicode's normal form C, which are other file names. Its writer wants "C.UTF-8":
/// there UTF-8 names are written as such and others as binary.
class ThreadLocale {
  public:
    explicit ThreadLocale(const char* name)
        : locale_{::newlocale(LC_CTYPE_MASK, name, nullptr)},
          before_{locale_ != nullptr ? ::uselocale(locale_) : nullptr} {}

    ThreadLocale(const ThreadLocale&) = delete;
    ThreadLocale& operator=(const ThreadLocale&) = delete;

    ~ThreadLocale() {
        if (locale_ != nullptr) {
            ::uselocale(before_);
            ::freelocale(locale_);
        }
    }

  private:
    locale_t locale_;
    locale_t before_;
};

}  // namespace kiln::archive
