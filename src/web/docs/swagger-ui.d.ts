declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  /** The options of https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ that the page gives. */
  interface Options {
    url: string;
    dom_id: string;
    deepLinking: boolean;
    filter: boolean;
    persistAuthorization: boolean;
    validatorUrl: null;
  }
  export default function SwaggerUI(options: Options): void;
}
