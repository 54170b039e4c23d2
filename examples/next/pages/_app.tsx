import type { AppProps } from 'next/app';
import Head from 'next/head';
import '../web/styles.css';

export default function ClassicApp({ Component, pageProps }: AppProps) {
  return (
    <>
      <Head>
        <title>Latchkey with Next.js</title>
        <link rel="icon" href="data:," />
      </Head>
      <Component {...pageProps} />
    </>
  );
}
