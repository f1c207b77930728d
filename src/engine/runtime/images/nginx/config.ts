import { err, ok, type Result } from "../../../kernel/result.ts";

/** One directive with its block, if it has one. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly file: string;
  readonly line: number;
}

/** Directives that are understood or may safely be ignored. Others are an error, as upstream. Source: nginx.org/en/docs/dirindex.html (the common ones). */
const KNOWN = new Set((
  "absolute_redirect access_log add_header add_trailer alias allow auth_basic auth_basic_user_file autoindex autoindex_exact_size charset charset_types chunked_transfer_encoding client_body_buffer_size client_body_temp_path client_body_timeout " +
  "client_header_buffer_size client_header_timeout client_max_body_size connection_pool_size daemon default_type deny directio env error_log error_page etag events expires fastcgi_index fastcgi_param fastcgi_pass fastcgi_split_path_info fastcgi_read_timeout fastcgi_temp_path " +
  "geo gzip gzip_buffers gzip_comp_level gzip_disable gzip_http_version gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary hash http http2 if if_modified_since ignore_invalid_headers include index internal ip_hash keepalive keepalive_disable " +
  "keepalive_requests keepalive_timeout large_client_header_buffers least_conn limit_conn limit_conn_zone limit_except limit_rate limit_req limit_req_zone limit_req_status listen load_module location log_format log_not_found log_subrequest map map_hash_bucket_size map_hash_max_size " +
  "merge_slashes msie_padding multi_accept open_file_cache open_file_cache_errors open_file_cache_valid pid port_in_redirect proxy_buffer_size proxy_buffering proxy_buffers proxy_busy_buffers_size proxy_cache proxy_cache_key proxy_cache_path proxy_cache_valid proxy_connect_timeout " +
  "proxy_cookie_path proxy_hide_header proxy_http_version proxy_ignore_headers proxy_intercept_errors proxy_next_upstream proxy_pass proxy_pass_header proxy_pass_request_headers proxy_protocol proxy_read_timeout proxy_redirect proxy_request_buffering proxy_send_timeout proxy_set_header " +
  "proxy_ssl_server_name proxy_ssl_verify proxy_temp_path random real_ip_header real_ip_recursive reset_timedout_connection resolver resolver_timeout return rewrite root satisfy scgi_temp_path send_timeout sendfile sendfile_max_chunk server server_name server_name_in_redirect " +
  "server_names_hash_bucket_size server_names_hash_max_size server_tokens set set_real_ip_from split_clients ssi ssl ssl_certificate ssl_certificate_key ssl_ciphers ssl_dhparam ssl_prefer_server_ciphers ssl_protocols ssl_session_cache ssl_session_tickets ssl_session_timeout stream " +
  "stub_status sub_filter sub_filter_once sub_filter_types tcp_nodelay tcp_nopush thread_pool try_files types types_hash_bucket_size types_hash_max_size underscores_in_headers upstream use user uwsgi_temp_path uwsgi_pass valid_referers variables_hash_bucket_size variables_hash_max_size " +
  "worker_connections worker_cpu_affinity worker_priority worker_processes worker_rlimit_nofile worker_shutdown_timeout zone opentracing js_import js_content master_process"
).split(" "));

/** Blocks whose lines are data, not directives. */
const DATA_BLOCKS = new Set(["types", "map", "geo", "split_clients", "upstream"]);

const MAX_TEXT = 1 << 18;
const cache = new Map<string, Result<readonly Directive[], string>>();

/** Parses one file. The error is nginx' own text: "unknown directive \"foo\" in /etc/nginx/nginx.conf:3". */
export function parseNginxConfig(text: string, file: string): Result<readonly Directive[], string> {
  const key = `${file}\0${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = text.length > MAX_TEXT ? err(`too large configuration in ${file}:1`) : new ConfigParser(text, file).parse();
  if (cache.size > 200) cache.clear();
  cache.set(key, parsed);
  return parsed;
}

class ConfigParser {
  private at = 0;
  private line = 1;
  private problem: string | undefined;
  private readonly text: string;
  private readonly file: string;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  parse(): Result<readonly Directive[], string> {
    const directives = this.block(0, false);
    return this.problem === undefined ? ok(directives) : err(this.problem);
  }

  private block(depth: number, isData: boolean): Directive[] {
    const directives: Directive[] = [];
    while (this.problem === undefined) {
      const token = this.token();
      if (token === undefined) {
        if (depth > 0) this.fail('unexpected end of file, expecting "}"');
        return directives;
      }
      if (token.text === "}" && !token.quoted) {
        if (depth === 0) this.fail('unexpected "}"');
        return directives;
      }
      if ((token.text === ";" || token.text === "{") && !token.quoted) {
        this.fail(`unexpected "${token.text}"`);
        return directives;
      }
      const directive = this.directive(token.text, depth, isData);
      if (directive !== undefined) directives.push(directive);
    }
    return directives;
  }

  private directive(name: string, depth: number, isData: boolean): Directive | undefined {
    const { line } = this;
    const args: string[] = [];
    for (;;) {
      const token = this.token();
      if (token === undefined) return this.fail('unexpected end of file, expecting ";" or "}"');
      if (token.quoted || !/^[;{}]$/.test(token.text)) {
        args.push(token.text);
        continue;
      }
      if (token.text === "}") return this.fail('unexpected "}"');
      if (!isData && !KNOWN.has(name)) return this.fail(`unknown directive "${name}"`, line);
      if (token.text === ";") return { name, args, block: undefined, file: this.file, line };
      if (depth > 40) return this.fail("too deep nesting");
      return { name, args, block: this.block(depth + 1, isData || DATA_BLOCKS.has(name)), file: this.file, line };
    }
  }

  private token(): { readonly text: string; readonly quoted: boolean } | undefined {
    for (; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (char === "\n") this.line += 1;
      else if (char === "#") while (this.at + 1 < this.text.length && this.text.charAt(this.at + 1) !== "\n") this.at += 1;
      else if (!/\s/.test(char)) break;
    }
    if (this.at >= this.text.length) return undefined;
    const first = this.text.charAt(this.at);
    if (/[;{}]/.test(first)) {
      this.at += 1;
      return { text: first, quoted: false };
    }
    if (first === '"' || first === "'") return this.quoted(first);
    let text = "";
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at);
      if (char === "$" && this.text.charAt(this.at + 1) === "{") {
        const close = this.text.indexOf("}", this.at);
        text += this.text.slice(this.at, close < 0 ? undefined : close + 1);
        this.at = close < 0 ? this.text.length : close + 1;
        continue;
      }
      if (/[\s;{]/.test(char)) break;
      text += char === "\\" ? char + this.text.charAt(++this.at) : char;
      this.at += 1;
    }
    return { text, quoted: false };
  }

  private quoted(quote: string): { readonly text: string; readonly quoted: boolean } | undefined {
    let text = "";
    for (this.at += 1; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (char === quote) {
        this.at += 1;
        return { text, quoted: true };
      }
      if (char === "\n") this.line += 1;
      if (char !== "\\") text += char;
      else {
        const next = this.text.charAt(++this.at);
        text += next === "n" ? "\n" : next === "t" ? "\t" : next === "r" ? "\r" : next === quote || next === "\\" ? next : `\\${next}`;
      }
    }
    this.fail('unexpected end of file, expecting ";" or "}"');
    return undefined;
  }

  private fail(message: string, line = this.line): undefined {
    this.problem ??= `${message} in ${this.file}:${line}`;
  }
}
