/** Where programs read what the API can, in the words of OpenAPI. The gateway shows it without a key. */
export function ApiLink({ class: looks }: { readonly class?: string }) {
  return (
    <a class={looks} href="/openapi.json" target="_blank" rel="noopener">
      OpenAPI description
    </a>
  );
}
